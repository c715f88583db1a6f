import { DaemonSet, Deployment } from 'kubernetes-models/apps/v1';
import { ConfigMap, Namespace, Service, ServiceAccount } from 'kubernetes-models/v1';

const models = { ConfigMap, DaemonSet, Deployment, Namespace, Service, ServiceAccount };

/** What the published schemas of the Kubernetes API say against an object; they do not refuse fields they lack. */
export function kubernetesComplaints(object: Readonly<Record<string, unknown>>): readonly string[] {
  const kind = String(object['kind']);
  if (!(kind in models)) return [`no schema for ${kind}`];
  try {
    new models[kind as keyof typeof models](object).validate();
    return [];
  } catch (error) {
    return [`${kind}: ${String(error)}`];
  }
}
