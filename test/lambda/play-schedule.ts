/** Plays a schedule of faults over the lifecycles of its stacks, and says what it broke. */
import { amiTemplate, amiViolations, nameOf, physicalIdOf, type PlannedAmi } from './ami/scheduled-amis';
import { NOTHING_LEFT } from './rig';
import { CLIENT_ERROR, SERVER_ERROR, type Schedule, type StackPlan, type Step } from './schedules';
import { BROKEN_TYPE, importTemplate, StackRig, unanswered } from './stack-rig';
import { AMI_RESOURCE_TYPE } from '../../lambda/ami/request';
import type { CloudFormationRequest, DeleteRequest } from '../../lambda/cloudformation';
import { parseImportId } from '../../lambda/identity';
import type { StackEvent, StackOutcome } from '../local-cloud/cloudformation-driver';
import type { TemplateResources } from '../local-cloud/cloudformation-template';
import type { FaultRule } from '../local-cloud/emulator';
import type { CustomResourceRequest } from '../local-cloud/provider-framework';

export interface Played {
  /** What must never happen, and did. */
  readonly violations: readonly string[];
  /** How often each kind of fault took effect. */
  readonly injected: ReadonlyMap<string, number>;
  /** Requests that CloudFormation sent. */
  readonly requests: number;
  readonly calls: number;
}

/** Seconds of one segment; without a stuck or slow task no import takes as long. */
const BUDGET = 1200;

export async function playSchedule(schedule: Schedule): Promise<Played> {
  const player = new Player(schedule);
  await player.play();
  return { violations: player.violations, injected: player.injected, requests: player.rig.driver.requests.length, calls: player.rig.calls };
}

export class Player {
  readonly rig: StackRig;
  readonly violations: string[] = [];
  readonly injected = new Map<string, number>();
  readonly outcomes: StackOutcome[] = [];
  private readonly standing = new Set<string>();
  /** The images that CloudFormation retained, with their import ids. */
  private readonly retained = new Map<string, string>();
  private phase: 'faulty' | 'final' = 'faulty';

  constructor(private readonly schedule: Schedule) {
    this.rig = new StackRig({
      settings: { activeTaskQuota: schedule.quota },
      driver: { rollbackOfReplacement: schedule.rollbackOfReplacement, deliveries: (request) => this.deliveries(request) },
    });
  }

  async play(): Promise<void> {
    const { rig, schedule } = this;
    schedule.faults.forEach((rule) => rig.cloud.addRule(rule));
    rig.arm(...schedule.kills);
    rig.troubleCloudFormation(...schedule.cloudFormation);
    await Promise.all(schedule.stacks.map(async (plan, index) => this.live(`S${index}`, plan)));
    this.countFaults();
    this.phase = 'final';
    rig.cloud.clearRules();
    rig.arm();
    rig.troubleCloudFormation();
    await Promise.all([...this.standing].map(async (name) => {
      const { status } = await this.note(rig.driver.deleteStack(name));
      this.expect(status === 'DELETE_COMPLETE', `the last Delete of ${name} ended ${status}`);
    }));
    await rig.driver.settled();
    await this.checkRetained();
    await this.deleteByHand();
    await this.checkInvariants();
  }

  /** One stack through its steps. */
  private async live(name: string, plan: StackPlan): Promise<void> {
    let mustGo = false;
    for (const step of plan.steps) {
      if (this.standing.has(name) && (mustGo || step.kind === 'delete')) {
        const { status } = await this.note(this.rig.driver.deleteStack(name));
        if (status !== 'DELETE_COMPLETE') {
          return;
        }
        this.standing.delete(name);
        mustGo = false;
      }
      if (step.kind === 'deploy') {
        const outcome = await this.deploy(name, templateOf(name, plan, step, this.schedule));
        await this.continueRollback(outcome);
        const { status } = outcome;
        if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE') {
          const found = await Promise.all(amisOf(name, plan, step).map(async (ami) => amiViolations(this.rig, ami)));
          this.violations.push(...found.flat());
        }
        mustGo = !['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'].includes(status);
      }
    }
  }

  /**
   * "continue-update-rollback": what a rollback failed to do is asked for again. Of a replacement that was cancelled
   * CloudFormation knows no name, so that this Update is all that leads to it.
   */
  private async continueRollback({ status, events }: StackOutcome): Promise<void> {
    if (status !== 'UPDATE_ROLLBACK_FAILED') {
      return;
    }
    const since = events.findIndex((event) => event.status === 'UPDATE_ROLLBACK_IN_PROGRESS');
    const failed = events.slice(since).filter((event) => event.status === 'UPDATE_FAILED').map(({ logicalId }) => logicalId);
    const stackId = events[since]?.physicalId;
    for (const logicalId of failed) {
      const request = this.rig.driver.requests.filter((each) => each.StackId === stackId && each.LogicalResourceId === logicalId).at(-1);
      if (request && request.ResourceType !== BROKEN_TYPE) {
        await this.rig.byHand(request as unknown as CloudFormationRequest);
      }
    }
  }

  private async deploy(name: string, template: TemplateResources): Promise<StackOutcome> {
    if (this.standing.has(name)) {
      return this.note(this.rig.driver.updateStack(name, template));
    }
    this.standing.add(name);
    return this.note(this.rig.driver.createStack(name, template));
  }

  private async note(operation: Promise<StackOutcome>): Promise<StackOutcome> {
    const outcome = await operation;
    this.outcomes.push(outcome);
    const skipped = new Set(outcome.events.filter(({ status }) => status === 'DELETE_SKIPPED').map(({ physicalId }) => physicalId));
    const { images } = await this.rig.cloud.state();
    images.filter(({ tags }) => skipped.has(tags?.['cdk-vm-import:id'] ?? '')).forEach(({ arn = '', tags }) => this.retained.set(arn, tags?.['cdk-vm-import:id'] ?? ''));
    return outcome;
  }

  private deliveries({ ResourceType }: CustomResourceRequest): readonly number[] {
    const serial = this.rig.driver.requests.length;
    const again = this.phase === 'faulty' && ResourceType !== BROKEN_TYPE ? this.schedule.duplicates.filter(({ request }) => request === serial) : [];
    this.count('duplicate delivery', again.length);
    return [0, ...again.map(({ after }) => after)];
  }

  /** What was retained stands, unless CloudFormation had it deleted later, after a way back to it. */
  private async checkRetained(): Promise<void> {
    const { images } = await this.rig.cloud.remaining();
    const deleted = new Set(this.rig.driver.requests.filter(({ RequestType }) => RequestType === 'Delete').map((request) => request.PhysicalResourceId));
    this.retained.forEach((id, arn) => this.expect(images.includes(arn) || deleted.has(id), `${arn} of ${id} was retained, and is gone`));
  }

  /** What CloudFormation lets stand: what it retains, and what it reported as not deleted and forgot. */
  private async deleteByHand(): Promise<void> {
    const events = this.outcomes.flatMap((outcome) => outcome.events);
    const left = new Set(events.filter(({ status }) => status === 'DELETE_SKIPPED' || status === 'DELETE_FAILED').map(({ physicalId }) => physicalId));
    // A rollback that fails leaves what the update made; CloudFormation goes on only when it is told to.
    const stopped = this.outcomes.filter(({ status }) => status === 'UPDATE_ROLLBACK_FAILED').flatMap((outcome) => outcome.events);
    stopped.forEach(({ physicalId }) => left.add(physicalId));
    const places = new Map(events.filter(({ physicalId }) => left.has(physicalId)).map((event) => [event.physicalId, event]));
    // As CloudFormation deletes them: what keeps an AMI before its import.
    const requests = [...places.values()].flatMap((event) => this.requestsBehind(event));
    for (const request of requests.sort((a, b) => Number(isOfAmi(b)) - Number(isOfAmi(a)))) {
      await this.rig.byHand(request);
    }
    // Nor does a rollback wait for ever for what holds the image of a replacement that was cancelled.
    if (lasts(this.schedule, 'recipeHoldsImage', 3000)) {
      for (const request of this.importRequests()) {
        await this.rig.byHand({ ...request, RequestType: 'Delete', PhysicalResourceId: physicalIdOf(request) });
      }
    }
  }

  private requestsBehind({ logicalId, physicalId }: StackEvent): DeleteRequest[] {
    const behind = this.importRequests()
      .filter((request) => request.LogicalResourceId === logicalId)
      .filter((request) => parseImportId(physicalId) === undefined || physicalIdOf(request) === physicalId)
      .map((request): DeleteRequest => ({ ...request, RequestType: 'Delete', PhysicalResourceId: physicalId }));
    return [...new Map(behind.map((request) => [JSON.stringify([request.StackId, request.ResourceProperties]), request])).values()];
  }

  /** What was asked of first segments, but for Deletes. */
  private importRequests(): CloudFormationRequest[] {
    return this.rig.driver.requests
      .filter(({ ResourceType, RequestType }) => ResourceType !== BROKEN_TYPE && RequestType !== 'Delete')
      .map((request) => request as unknown as CloudFormationRequest)
      .filter((request) => request.ResourceProperties.ImportId === undefined);
  }

  private async checkInvariants(): Promise<void> {
    const { rig } = this;
    this.expect(rig.doubled.size === 0, `two live tasks at a time: ${[...rig.doubled].join()}`);
    unanswered(this.outcomes).forEach((reason) => this.violations.push(`not answered: ${reason}`));
    for (const { reason, status, logicalId } of this.outcomes.flatMap((outcome) => outcome.events)) {
      this.expect(reason === undefined || isEarned(reason, this.schedule), `${logicalId} ${status} without cause: ${reason}`);
    }
    const { tasks } = await rig.cloud.state();
    const ids = tasks.map((task) => task.Tags?.find((tag) => tag.Key === 'cdk-vm-import:id')?.Value ?? '');
    this.expect(ids.every((id) => ids.filter((other) => other === id).length <= 2), 'more attempts than two');
    const remaining = await rig.cloud.remaining();
    this.expect(JSON.stringify(remaining) === JSON.stringify(NOTHING_LEFT), `left behind: ${JSON.stringify(remaining)}`);
  }

  private expect(holds: unknown, otherwise: string): void {
    if (!holds) {
      this.violations.push(otherwise);
    }
  }

  private countFaults(): void {
    this.rig.cloud.rules().forEach((rule) => this.count(rule.effect.kind, timesInEffect(rule)));
    this.count('killed', this.rig.killed);
    this.rig.cloudFormationFaulty.forEach((times, kind) => this.count(`CloudFormation ${kind}`, times));
    this.count('other resource failed', this.outcomes.flatMap(({ events }) => events).filter(({ reason }) => reason?.includes('It broke.')).length);
  }

  private count(kind: string, times: number): void {
    this.injected.set(kind, (this.injected.get(kind) ?? 0) + times);
  }
}

type Deploy = Step & { readonly kind: 'deploy' };

function templateOf(stackName: string, plan: StackPlan, step: Deploy, { preflight }: Schedule): TemplateResources {
  const { contents, team, breaksAfter } = step;
  const amis = amisOf(stackName, plan, step);
  return Object.assign(
    { Other: { Type: BROKEN_TYPE, Properties: { Seconds: breaksAfter ?? 'never' } } },
    ...plan.imports.map(({ segments, retain }, index) => {
      const name = importName(index);
      const policies = {
        ...(retain === 'no' ? {} : { DeletionPolicy: 'Retain' as const }),
        ...(retain === 'always' ? { UpdateReplacePolicy: 'Retain' as const } : {}),
      };
      const kept = amis.find((ami) => ami.importName === name);
      const change = {
        AmiName: kept && nameOf(kept),
        ImportVmImage: { name: 'Golden', semanticVersion: `${contents[index]}.0.0`, platform: 'Linux' },
        Tags: { team },
        Budget: BUDGET,
        Timeout: BUDGET * segments,
        Preflight: preflight,
      };
      return contents[index] === 0 ? {} : { ...importTemplate(change, segments, name, policies), ...(kept && amiTemplate(kept, policies)) };
    }),
  ) as TemplateResources;
}

function amisOf(stackName: string, { imports }: StackPlan, { contents, amis = [], team }: Deploy): PlannedAmi[] {
  return imports.flatMap(({ segments }, index) => {
    const [plan, content = 0] = [amis[index], contents[index]];
    return plan === undefined || content === 0 ? [] : [{ plan, importName: importName(index), segments, content, stackName, team }];
  });
}

function importName(index: number): string {
  return `Import${'AB'[index]}`;
}

function isOfAmi({ ResourceType }: CloudFormationRequest): boolean {
  return ResourceType === AMI_RESOURCE_TYPE;
}

/** Failures that a schedule brings upon itself. All else has to be waited out. */
function isEarned(reason: string, schedule: Schedule): boolean {
  const tasks = schedule.faults.flatMap(({ effect }) => (effect.kind === 'task' ? [effect.outcome] : []));
  const failures = (message: string) => tasks.filter((outcome) => outcome.kind === 'fail' && outcome.message === message).length;
  const causes: readonly (readonly [RegExp, boolean])[] = [
    [/It broke\.|^Resource (creation|update) cancelled$|Runtime exited with error: signal: killed/, true],
    [/did not finish within its timeout/, tasks.some(({ kind }) => kind === 'stuck' || kind === 'slow')],
    [/ClientError: Unknown OS/, failures(CLIENT_ERROR) > 0],
    [/ServerError: Internal error/, failures(SERVER_ERROR) > 1],
    [/cannot use the service role/, lasts(schedule, 'roleNotPropagated', 300)],
    [/The AMI name .* is in use by/, schedule.stacks.some(({ imports }) => imports.some(({ retain }) => retain !== 'no'))],
    // The deletion that lifts it failed.
    [/is protected from deregistration/, schedule.kills.some(({ then }) => then === 'told')],
    [/could not be deleted within 50 min: Image Builder image .* is held/, lasts(schedule, 'recipeHoldsImage', 3000)],
  ];
  return causes.some(([pattern, present]) => present && pattern.test(reason));
}

function lasts({ faults }: Schedule, kind: 'roleNotPropagated' | 'recipeHoldsImage', seconds: number): boolean {
  return faults.some(({ effect }) => effect.kind === kind && (effect.forMs ?? Infinity) >= seconds * 1000);
}

function timesInEffect({ match, matched }: FaultRule & { readonly matched: number }): number {
  const call = match?.call;
  if (call === undefined) {
    return matched;
  }
  if (typeof call === 'number') {
    return matched >= call ? 1 : 0;
  }
  return 'every' in call ? Math.floor(matched / call.every) : Math.max(0, Math.min(matched, call.to ?? matched) - call.from + 1);
}
