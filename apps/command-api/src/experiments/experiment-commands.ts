import { Inject, Injectable } from '@nestjs/common';
import { DATA_SOURCE, hostsMatching } from '#lib/database';
import { experimentDecider, tariffById, type ExperimentCommand, type ExperimentState } from '#lib/domain';
import { DomainError } from '#lib/domain-kernel';
import type { AggregateId, ExperimentSpec, HostId, Position, Targets, TenantId } from '#lib/events';
import { ConcurrencyError, idFrom } from '#lib/platform';
import type { CommandContext } from '../shared/http/command-context.js';
import { Commander, type Accepted, type Untimed } from '../shared/http/commander.js';
import { invalidParameters, refusal } from '../shared/http/edge-error.js';
import { frozenPipeline, refFindings } from '../shared/http/frozen-pipeline.js';
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
    return this.sendBasedOn(idFrom('exp', context.commandId), context, async () => {
      await this.requireRunnable(spec, context.tenant);
      return { type: 'DraftExperiment', spec };
    });
  }

  revise(id: AggregateId, dto: Partial<DraftExperimentDto>, context: CommandContext): Promise<Accepted> {
    return this.sendAmongAll(id, context, async (state) => {
      const spec = specOfRevision(specIn(state), dto);
      await this.requireRunnable(spec, context.tenant);
      return { type: 'ReviseExperiment', spec };
    });
  }

  /** Another draft with the description of an experiment in any phase. If-Match is about the experiment it is taken from. */
  clone(source: AggregateId, dto: Partial<DraftExperimentDto>, context: CommandContext): Promise<Accepted> {
    const { ifMatch, ...ofTheClone } = context;
    return this.sendBasedOn(idFrom('exp', context.commandId), ofTheClone, async () => {
      const { state, position } = await this.commander.current(experimentDecider, source, context);
      const original = specIn(state);
      if (ifMatch !== undefined && ifMatch !== position)
        throw new ConcurrencyError('if-match-failed', position);
      const spec = specOfRevision({ ...original, name: nameOfCopy(original.name) }, dto);
      await this.requireRunnable(spec, context.tenant);
      return { type: 'DraftExperiment', spec, clonedFrom: source };
    });
  }

  start(id: AggregateId, context: CommandContext): Promise<Accepted> {
    const { tenant } = context;
    return this.sendAmongAll(id, context, async (state, asOf) => {
      const { targets, baseline, candidate } = specIn(state);
      const hosts = await this.hostsOf(targets, tenant);
      const frozen = {
        baseline: await frozenPipeline(this.commander, baseline, tenant),
        candidate: await frozenPipeline(this.commander, candidate, tenant),
      };
      return { type: 'StartExperiment', hosts, ...frozen, busyHosts: await this.held.asOf(tenant, asOf) };
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

  /** Refuses pipelines that could not be rendered, long before a host is told of them. */
  private async requireRunnable(
    { baseline, candidate, tariff }: ExperimentSpec,
    tenant: TenantId,
  ): Promise<void> {
    const findings = [...refFindings('baseline', baseline), ...refFindings('candidate', candidate)];
    if (findings.length > 0) throw invalidParameters(findings);
    if (tariffById(tariff) === undefined)
      throw refusal('unknown-tariff', `There is no tariff ${tariff}.`, 'See GET /tariffs.');
    requireOneIngress(
      await frozenPipeline(this.commander, baseline, tenant),
      await frozenPipeline(this.commander, candidate, tenant),
    );
  }

  /** @throws ProblemError `unknown-hosts` when one that is named is not enrolled or was revoked */
  private async hostsOf(targets: Targets, tenant: TenantId): Promise<readonly HostId[]> {
    const matching = (await hostsMatching(this.db, tenant, targets)).map(({ id }) => id);
    const missing = (targets.hosts ?? []).filter((id) => !matching.includes(id));
    if (missing.length > 0)
      throw refusal(
        'unknown-hosts',
        `Not enrolled, revoked or not matching labels and site: ${missing.join(', ')}.`,
        'See GET /fleet/hosts, or revise the targets.',
      );
    return matching;
  }
}

function specIn(state: ExperimentState): ExperimentSpec {
  if (state.phase !== 'absent') return state.spec;
  throw new DomainError('experiment-not-found', 'There is no such experiment.', 'See GET /experiments.');
}
