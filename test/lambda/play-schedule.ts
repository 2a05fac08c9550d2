/** Plays a schedule of faults over the lifecycles of its stacks, and says what it broke. */
import { amiViolations } from './ami/scheduled-amis';
import { continueRollback, deleteAllImports, deleteByHand, releaseByHand } from './by-hand';
import { EXECUTION_ERROR, isEarned, lasts } from './earned-failures';
import { NOTHING_LEFT } from './rig';
import { amisOf, deletedSourcesOf, machineNameOf, templateOf } from './schedule-template';
import { keyOf, ScheduledSources } from './scheduled-sources';
import type { ImportPlan, Schedule, StackPlan } from './schedules';
import { COPIED, copiedKeyOf, copyViolations, machineViolations, missingBlocks, putDisk } from './snapshot/copied-disks';
import { BROKEN_TYPE, StackRig, unanswered } from './stack-rig';
import { parseImportId } from '../../lambda/cloudformation/physical-id';
import type { StackOutcome } from '../local-cloud/cloudformation-driver';
import type { TemplateResources } from '../local-cloud/cloudformation-template';
import type { FaultRule, Settings } from '../local-cloud/emulator';
import type { CustomResourceRequest } from '../local-cloud/provider-framework';

/** For so long the functions that copy look for a snapshot that EBS does not find. */
const FUNCTIONS_GIVE_UP_WITHIN_MS = 15 * 60_000;

/** Longer than an AMI resource waits. */
const LONG_COPY_MS = 70 * 60_000;

export interface Played {
  /** What must never happen, and did. */
  readonly violations: readonly string[];
  /** How often each kind of fault took effect. */
  readonly injected: ReadonlyMap<string, number>;
  /** Requests that CloudFormation sent. */
  readonly requests: number;
  readonly calls: number;
}

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
  /** Resources whose Update was delivered more than once, by logical id. */
  private readonly updatedAgain = new Set<string>();
  /** The images that CloudFormation retained, with their import ids. */
  private readonly retained = new Map<string, string>();
  /** The disk images, where some import deletes them. */
  private readonly sources?: ScheduledSources;
  /** Blocks that are missing in a completed snapshot, and AMIs that were registered twice. */
  private readonly wrong = new Set<string>();
  private phase: 'faulty' | 'final' = 'faulty';

  constructor(private readonly schedule: Schedule) {
    const deleted = schedule.stacks.flatMap((plan, index) => plan.steps.flatMap((step) => (step.kind === 'deploy' ? deletedSourcesOf(`S${index}`, plan, step) : [])));
    this.sources = deleted.length === 0 && schedule.copies === undefined ? undefined : new ScheduledSources(
      [...new Set(deleted.map(keyOf))],
      { isStale: schedule.cloudFormation.some(({ kind }) => kind === 'stale'), deniesHead: schedule.answers.headAndKms === 'yes' && schedule.copies === undefined },
    );
    this.rig = new StackRig({
      s3: this.sources?.s3,
      disks: this.sources,
      settings: {
        activeTaskQuota: schedule.quota,
        answers: schedule.answers,
        ...encryptionOf(schedule),
        ...(schedule.answers.copyTime === 'long' && { copyDurationMs: LONG_COPY_MS }),
        ...(schedule.copies && { personComesAfterMs: schedule.copies.personComesAfter * 1_000 }),
      },
      driver: { answers: schedule.answers, rollbackOfReplacement: schedule.rollbackOfReplacement, deliveries: (request) => this.deliveries(request) },
    });
  }

  async play(): Promise<void> {
    const { rig, schedule } = this;
    schedule.faults.forEach((rule) => rig.cloud.addRule(rule));
    rig.arm(...schedule.kills);
    rig.troubleCloudFormation(...schedule.cloudFormation);
    this.sources?.attach(rig, schedule.s3);
    rig.troubleStepFunctions(...schedule.copies?.stepFunctions ?? []);
    this.failCopies();
    await Promise.all(schedule.stacks.map(async (plan, index) => this.live(`S${index}`, plan)));
    this.countFaults();
    this.phase = 'final';
    rig.cloud.clearRules();
    rig.arm();
    rig.troubleCloudFormation();
    this.sources?.clearFaults();
    rig.troubleStepFunctions();
    await releaseByHand(rig, this.outcomes);
    await Promise.all([...this.standing].map(async (name) => {
      const { status } = await this.note(rig.driver.deleteStack(name));
      this.expect(status === 'DELETE_COMPLETE', `the last Delete of ${name} ended ${status}`);
    }));
    await rig.driver.settled();
    await this.checkRetained();
    await deleteByHand(rig, this.outcomes);
    // Nor does a rollback wait for ever for what holds the image of a replacement that was cancelled.
    if (lasts(schedule, 'recipeHoldsImage', 3000)) {
      await deleteAllImports(rig);
    }
    await this.checkInvariants();
  }

  /** Prepares the disks that are copied, and lets the functions of some executions fail. */
  private failCopies(): void {
    const { copies } = this.schedule;
    const { sources } = this;
    if (copies !== undefined && sources !== undefined) {
      COPIED.forEach((content) => putDisk(sources.s3, copiedKeyOf(content)));
      let executions = 0;
      this.rig.stateMachine.before = () => {
        executions += 1;
        if (copies.failing.includes(executions)) {
          this.count('execution failed', 1);
          throw new Error(EXECUTION_ERROR);
        }
      };
    }
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
        await continueRollback(this.rig, outcome, (reason) => isEarned(reason, this.schedule, this.sources?.deleted));
        const { status } = outcome;
        if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE') {
          const { person = 'nobody' } = this.schedule.answers;
          const amiName = step.machine && machineNameOf(name, step.machine);
          const found = await Promise.all([
            ...amisOf(name, plan, step).map(async (ami) => amiViolations(this.rig, ami, person)),
            copyViolations(this.rig, name, step, person), machineViolations(this.rig, name, { ...step, amiName }, person),
          ]);
          this.violations.push(...found.flat());
          deletedSourcesOf(name, plan, step).map(keyOf).forEach((key) => this.expect(this.sources?.deleted.has(key), `${key} was not deleted`));
        }
        mustGo = !['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'].includes(status);
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
    if (this.schedule.copies !== undefined) {
      (await missingBlocks(this.rig)).forEach((each) => this.wrong.add(`missing: ${each}`));
      (await twinAmis(this.rig)).forEach((id) => this.wrong.add(`two AMIs of ${id}`));
    }
    const skipped = new Set(outcome.events.filter(({ status }) => status === 'DELETE_SKIPPED').map(({ physicalId }) => physicalId));
    const { images } = await this.rig.cloud.state();
    images.filter(({ tags }) => skipped.has(tags?.['cdk-vm-import:id'] ?? '')).forEach(({ arn = '', tags }) => this.retained.set(arn, tags?.['cdk-vm-import:id'] ?? ''));
    return outcome;
  }

  private deliveries({ LogicalResourceId, RequestType, ResourceType }: CustomResourceRequest): readonly number[] {
    const serial = this.rig.driver.requests.length;
    const again = this.phase === 'faulty' && ResourceType !== BROKEN_TYPE ? this.schedule.duplicates.filter(({ request }) => request === serial) : [];
    this.count('duplicate delivery', again.length);
    if (RequestType === 'Update' && again.length > 0) {
      this.updatedAgain.add(LogicalResourceId);
    }
    return [0, ...again.map(({ after }) => after)];
  }

  /** What was retained stands, unless CloudFormation had it deleted later, after a way back to it. */
  private async checkRetained(): Promise<void> {
    const { images } = await this.rig.cloud.remaining();
    const deleted = new Set(this.rig.driver.requests.filter(({ RequestType }) => RequestType === 'Delete').map((request) => request.PhysicalResourceId));
    const byPerson = this.schedule.answers.person === 'deletesImage';
    this.retained.forEach((id, arn) => this.expect(byPerson || images.includes(arn) || deleted.has(id), `${arn} of ${id} was retained, and is gone`));
  }

  /** Each import that asks for it told how it ended: at least once, because a function that dies is called again. */
  private checkEvents(): void {
    const told = new Set(this.rig.eventBus.events.map(({ DetailType, Detail }) => `${DetailType} ${String(Detail.id)}`));
    for (const { logicalId, physicalId, status, reason } of this.outcomes.flatMap((outcome) => outcome.events)) {
      const id = physicalId.replace(/\/.*$/, '');
      const plan = this.planOf(logicalId, id);
      if (plan?.events === 'sent' && parseImportId(id) !== undefined) {
        const ended = status === 'CREATE_FAILED' && !/^Resource creation cancelled$|signal: killed/.test(reason ?? '')
          ? 'Failed'
          : /^(CREATE|UPDATE)_COMPLETE$/.test(status) && logicalId === lastSegment(logicalId, plan.segments) ? 'Succeeded' : undefined;
        // A second delivery under another URL goes on with the import of the first one as if it had existed before the update (decision 11).
        const goesOn = this.schedule.answers.deliveries === 'presignedAnew' && [...this.updatedAgain].some((updated) => logicalId.startsWith(updated));
        this.expect(ended === undefined || goesOn || told.has(`VM Import ${ended} ${id}`), `${logicalId} ${status} of ${id} was not told`);
      }
    }
  }

  private planOf(logicalId: string, importId: string): ImportPlan | undefined {
    const stack = this.rig.driver.requests.find(({ StackId }) => StackId.split('/')[2] === parseImportId(importId)?.stack)?.StackId.split('/')[1] ?? '';
    const index = 'AB'.indexOf(/^Import([AB])\d?$/.exec(logicalId)?.[1] ?? '-');
    return this.schedule.stacks[Number(stack.slice(1))]?.imports[index];
  }

  private async checkInvariants(): Promise<void> {
    const { rig } = this;
    this.expect(rig.doubled.size === 0, `two live tasks at a time: ${[...rig.doubled].join()}`);
    unanswered(this.outcomes).forEach((reason) => this.violations.push(`not answered: ${reason}`));
    for (const { reason, status, logicalId } of this.outcomes.flatMap((outcome) => outcome.events)) {
      this.expect(reason === undefined || isEarned(reason, this.schedule, this.sources?.deleted), `${logicalId} ${status} without cause: ${reason}`);
    }
    // What a rollback had to leave, because its image was held, a later update takes up: that is no end of an import.
    if (!lasts(this.schedule, 'recipeHoldsImage', 3000)) {
      this.checkEvents();
    }
    this.violations.push(...this.sources?.wrong ?? [], ...this.wrong);
    // Nothing leads from a request that CloudFormation gave up on to its execution, once a person deleted the snapshot. The functions end by themselves.
    if (this.schedule.answers.person === 'deletesSnapshot') {
      await rig.clock.pause(FUNCTIONS_GIVE_UP_WITHIN_MS);
    }
    this.expect(rig.stateMachine.running().length === 0, `still copied: ${rig.stateMachine.running().join()}`);
    const { tasks } = await rig.cloud.state();
    const ids = tasks.filter(({ StatusMessage = '' }) => !StatusMessage.includes('Reason 403')).map((task) => task.Tags?.find((tag) => tag.Key === 'cdk-vm-import:id')?.Value ?? '');
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
    this.sources?.faulty.forEach((times, kind) => this.count(`Amazon S3 ${kind}`, times));
    this.rig.stepFunctionsFaulty.forEach((times, kind) => this.count(`Step Functions ${kind}`, times));
    this.count('killed', this.rig.killed);
    this.rig.cloudFormationFaulty.forEach((times, kind) => this.count(`CloudFormation ${kind}`, times));
    this.count('other resource failed', this.outcomes.flatMap(({ events }) => events).filter(({ reason }) => reason?.includes('It broke.')).length);
  }

  private count(kind: string, times: number): void {
    this.injected.set(kind, (this.injected.get(kind) ?? 0) + times);
  }
}

function encryptionOf({ encryptionByDefault }: Schedule): Partial<Settings> {
  switch (encryptionByDefault) {
    case 'off':
      return {};
    case 'awsManagedKey':
      return { encryptionByDefault: true };
    case 'customerKey':
      return { encryptionByDefault: true, defaultKmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-4333-8444-555555555555' };
  }
}

/** Returns the import ids that more than one AMI carries. */
async function twinAmis({ cloud }: StackRig): Promise<string[]> {
  const ids = (await cloud.state()).amis.map(({ Tags }) => Tags?.find(({ Key }) => Key === 'cdk-vm-import:id')?.Value ?? '');
  return ids.filter((id, index) => ids.indexOf(id) !== index);
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

/** The logical id of the last segment of an import, by that of any. */
function lastSegment(logicalId: string, segments: number): string {
  const first = logicalId.replace(/\d$/, '');
  return segments === 1 ? first : `${first}${segments}`;
}
