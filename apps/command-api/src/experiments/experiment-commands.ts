import { Inject, Injectable } from '@nestjs/common';
import { DATA_SOURCE, hostsMatching, type HostView } from '#lib/database';
import {
  experimentDecider,
  tariffById,
  type ExperimentCommand,
  type ExperimentState,
  type StartedExperiment,
} from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, ExperimentSpec, Position, Targets, TenantId } from '#lib/events';
import { processesToGuard, type Finding } from '#lib/pipelines';
import { ConcurrencyError, idFrom } from '#lib/platform';
import type { CommandContext } from '../shared/http/command-context.js';
import { Commander, type Accepted, type Untimed } from '../shared/http/commander.js';
import { invalidParameters, notRunnable, refusal } from '../shared/http/edge-error.js';
import { frozenPipeline, refFindings } from '../shared/http/frozen-pipeline.js';
import { hostFindings, runFindings } from '../shared/imports/run-findings.js';
import { shown } from '../shared/imports/shown.js';
import type { Database } from '../shared/views/database.js';
import type { DraftExperimentDto } from './dto/experiment-spec.dto.js';
import { HeldHosts } from './held-hosts.js';
import { requireOneIngress } from './one-ingress.js';
import { nameOfCopy, specOfDraft, specOfRevision } from './spec.js';

/** What a person can do with an experiment. Looks up what the rules must know, then lets them decide. */
@Injectable()
export class ExperimentCommands {
  constructor(
    private readonly commander: Commander,
    @Inject(DATA_SOURCE) private readonly db: Database,
    private readonly held: HeldHosts,
  ) {}

  draft(dto: DraftExperimentDto, context: CommandContext): Promise<Accepted> {
    const spec = specOfDraft(dto);
    return withWarnings((warn) =>
      this.sendBasedOn(idFrom('exp', context.commandId), context, async () => {
        warn(await this.requireRunnable(spec, context.tenant));
        return { type: 'DraftExperiment', spec };
      }),
    );
  }

  revise(id: AggregateId, dto: Partial<DraftExperimentDto>, context: CommandContext): Promise<Accepted> {
    return withWarnings((warn) =>
      this.sendAmongAll(id, context, async (state) => {
        const spec = specOfRevision(specIn(state), dto);
        warn(await this.requireRunnable(spec, context.tenant));
        return { type: 'ReviseExperiment', spec };
      }),
    );
  }

  /** Another draft with the description of an experiment in any phase. If-Match is about the experiment it is taken from. */
  clone(source: AggregateId, dto: Partial<DraftExperimentDto>, context: CommandContext): Promise<Accepted> {
    const { ifMatch, ...ofTheClone } = context;
    return withWarnings((warn) =>
      this.sendBasedOn(idFrom('exp', context.commandId), ofTheClone, async () => {
        const { state, position } = await this.commander.current(experimentDecider, source, context);
        const original = specIn(state);
        if (ifMatch !== undefined && ifMatch !== position)
          throw new ConcurrencyError('if-match-failed', position);
        const spec = specOfRevision({ ...original, name: nameOfCopy(original.name) }, dto);
        warn(await this.requireRunnable(spec, context.tenant));
        return { type: 'DraftExperiment', spec, clonedFrom: source };
      }),
    );
  }

  start(id: AggregateId, context: CommandContext): Promise<Accepted> {
    const { tenant } = context;
    return this.sendAmongAll(id, context, async (state, asOf) => {
      const { targets, criticalProcesses, ...refs } = specIn(state);
      const hosts = await this.hostsOf(targets, tenant);
      const frozen = await this.frozen(refs, tenant);
      requireNoErrors(runFindings(frozen, criticalProcesses));
      requireNoErrors(await hostFindings(frozen, hosts));
      const busyHosts = await this.held.asOf(tenant, asOf);
      return { type: 'StartExperiment', hosts: hosts.map(({ id }) => id), ...frozen, busyHosts };
    });
  }

  archive(id: AggregateId, context: CommandContext): Promise<Accepted> {
    return this.sendAmongAll(id, context, () => Promise.resolve({ type: 'ArchiveExperiment' }));
  }

  /** Every command that needs nothing but the aggregate itself. */
  send(id: AggregateId, command: Untimed<ExperimentCommand>, context: CommandContext): Promise<Accepted> {
    return this.commander.send(experimentDecider, id, command, context);
  }

  private sendBasedOn(
    id: AggregateId,
    context: CommandContext,
    make: (state: ExperimentState) => Promise<Untimed<ExperimentCommand>>,
  ): Promise<Accepted> {
    return this.commander.sendBasedOn(experimentDecider, id, make, context);
  }

  /** For whatever a draft can be told: what could come between a start and its look at the others (ADR 8). */
  private sendAmongAll(
    id: AggregateId,
    context: CommandContext,
    make: (state: ExperimentState, asOf: Position) => Promise<Untimed<ExperimentCommand>>,
  ): Promise<Accepted> {
    return this.commander.sendAmongAll(experimentDecider, id, make, context);
  }

  /** Refuses pipelines that could not be run, long before a host is told of them. @returns warnings */
  private async requireRunnable(spec: ExperimentSpec, tenant: TenantId): Promise<readonly Finding[]> {
    const { baseline, candidate, criticalProcesses, tariff } = spec;
    const findings = [...refFindings('baseline', baseline), ...refFindings('candidate', candidate)];
    if (findings.length > 0) throw invalidParameters(findings);
    if (tariffById(tariff) === undefined)
      throw refusal('unknown-tariff', `There is no tariff ${tariff}.`, 'See GET /tariffs.');
    const frozen = await this.frozen({ baseline, candidate }, tenant);
    requireOneIngress(frozen.baseline, frozen.candidate);
    return requireNoErrors([
      ...runFindings(frozen, criticalProcesses),
      ...('spec' in frozen.baseline ? processesToGuard(frozen.baseline.spec, spec) : []),
    ]);
  }

  private async frozen(
    { baseline, candidate }: Pick<ExperimentSpec, 'baseline' | 'candidate'>,
    tenant: TenantId,
  ): Promise<Pick<StartedExperiment['run'], 'baseline' | 'candidate'>> {
    return {
      baseline: await frozenPipeline(this.commander, baseline, tenant),
      candidate: await frozenPipeline(this.commander, candidate, tenant),
    };
  }

  /** @throws ProblemError `unknown-hosts` when one that is named is not enrolled or was revoked */
  private async hostsOf(targets: Targets, tenant: TenantId): Promise<readonly HostView[]> {
    const matching = await hostsMatching(this.db, tenant, targets);
    const missing = (targets.hosts ?? []).filter((id) => !matching.some((host) => host.id === id));
    if (missing.length > 0)
      throw refusal(
        'unknown-hosts',
        `Not enrolled, revoked or not matching labels and site: ${missing.join(', ')}.`,
        'See GET /fleet/hosts, or revise the targets.',
      );
    return matching;
  }
}

/** Sends a command, and puts the warnings that came up before it into the answer. */
async function withWarnings(
  send: (warn: (findings: readonly Finding[]) => void) => Promise<Accepted>,
): Promise<Accepted> {
  let found: readonly Finding[] = [];
  const accepted = await send((findings) => (found = findings));
  return found.length === 0 ? accepted : { ...accepted, findings: found.map(shown) };
}

/** @throws ProblemError `pipeline-not-runnable` with all errors @returns warnings */
function requireNoErrors(findings: readonly Finding[]): readonly Finding[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw notRunnable(errors);
  return findings;
}

function specIn(state: ExperimentState): ExperimentSpec {
  if (state.phase !== 'absent') return state.spec;
  throw new DomainError('experiment-not-found', 'There is no such experiment.', 'See GET /experiments.');
}
