import { decideRemoval, type RemovalObserved } from '../../../lambda/removal/decide';
import { DELETE_SETTLES_AFTER, IMAGE_BUILDER_SETTLES_AFTER } from '../../../lambda/timing';

const TASK = 'import-ami-1';
const AMI = 'ami-1';
const ARN = 'arn:aws:imagebuilder:eu-west-1:111122223333:image/golden/1.0.0/1';
const GONE: RemovalObserved = {
  activeTaskIds: [], endingTaskIds: [], images: [], imageEvidence: 'none-expected', amiIds: [], protectedAmiIds: [], snapshotIds: [], untaggedIds: [],
};
const SETTLED = [{ arn: ARN, state: 'settled' as const }];
const BUILDING = [{ arn: ARN, state: 'in-progress' as const }];

describe('a removal', () => {
  test.each<readonly [string, Partial<RemovalObserved>, number, object]>([
    ['fails before it removes anything where somebody protected the AMI', { amiIds: [AMI], protectedAmiIds: [AMI], images: SETTLED, imageEvidence: 'found' }, 0, { kind: 'fail', reason: expect.stringContaining('AMI ami-1 is protected from deregistration') }],
    ['cancels a running task before anything else', { activeTaskIds: [TASK], amiIds: [AMI] }, 0, { kind: 'cancel', taskIds: [TASK] }],
    ['waits for a task that is ending', { endingTaskIds: [TASK], snapshotIds: ['snap-1'] }, 0, { kind: 'wait', on: expect.stringContaining(TASK) }],
    ['waits for an image that is still being made', { images: BUILDING, imageEvidence: 'found', amiIds: [AMI] }, 0, { kind: 'wait', on: expect.stringContaining(ARN) }],
    ['keeps the AMI while Image Builder may not list its image yet', { amiIds: [AMI], imageEvidence: 'missing' }, IMAGE_BUILDER_SETTLES_AFTER - 1, { kind: 'wait' }],
    ['removes the AMI once no image can be missing, and looks again', { amiIds: [AMI], snapshotIds: ['snap-1'], imageEvidence: 'missing' }, IMAGE_BUILDER_SETTLES_AFTER, { kind: 'remove', imageArns: [], amiIds: [AMI], snapshotIds: ['snap-1'], then: 'look-again' }],
    ['removes image, AMI and snapshots of a finished import at once', { images: SETTLED, imageEvidence: 'found', amiIds: [AMI], snapshotIds: ['snap-1'], untaggedIds: ['snap-1'] }, 0, { kind: 'remove', imageArns: [ARN], amiIds: [AMI], snapshotIds: ['snap-1'], untaggedIds: ['snap-1'], then: 'done' }],
    ['removes what a failed task left, and looks again', { snapshotIds: ['snap-1'] }, 0, { kind: 'remove', snapshotIds: ['snap-1'], then: 'look-again' }],
    ['takes a second look before it believes that nothing was started', {}, DELETE_SETTLES_AFTER - 1, { kind: 'wait' }],
    ['is done when nothing shows for long enough', {}, DELETE_SETTLES_AFTER, { kind: 'done' }],
  ])('%s', (_behaviour, observed, elapsed, action) => {
    expect(decideRemoval({ ...GONE, ...observed }, elapsed)).toMatchObject(action);
  });

  test('converges from every state: once AWS does what it is asked, nothing is left, or what is protected is named', () => {
    const states: RemovalObserved[] = [[], [TASK]].flatMap((activeTaskIds) =>
      [[], [TASK]].flatMap((endingTaskIds) =>
        [[], SETTLED, BUILDING].flatMap((images) =>
          ([[[], []], [[AMI], []], [[AMI], [AMI]]] as const).flatMap(([amiIds, protectedAmiIds]) =>
            [[], ['snap-1']].flatMap((snapshotIds) =>
              [[], [...amiIds, ...snapshotIds]].flatMap((untaggedIds) =>
                (['none-expected', 'missing'] as const).map((evidence) => ({
                  activeTaskIds,
                  endingTaskIds,
                  images,
                  amiIds,
                  protectedAmiIds,
                  snapshotIds,
                  untaggedIds,
                  imageEvidence: images.length > 0 ? ('found' as const) : evidence,
                }))))))));
    expect(states).toHaveLength(2 * 2 * 3 * 3 * 2 * 2 * 2);
    const times = [0, DELETE_SETTLES_AFTER, IMAGE_BUILDER_SETTLES_AFTER, 2_500];
    const starts = times.flatMap((elapsed) => states.map((state) => [state, elapsed] as const));
    for (const [start, startsAt] of starts) {
      let observed = start;
      let elapsed = startsAt;
      let finished = false;
      for (let pass = 0; pass < 20 && !finished; pass++, elapsed += 30) {
        const action = decideRemoval(observed, elapsed);
        switch (action.kind) {
          case 'cancel':
            observed = { ...observed, activeTaskIds: [], endingTaskIds: [...action.taskIds] };
            break;
          case 'wait':
            observed = { ...observed, endingTaskIds: [], images: observed.images.map(({ arn }) => ({ arn, state: 'settled' })) };
            break;
          case 'remove':
            expect(observed.protectedAmiIds).toEqual([]);
            observed = { ...GONE };
            finished = action.then === 'done';
            break;
          case 'done':
            expect([observed.images, observed.amiIds, observed.snapshotIds]).toEqual([[], [], []]);
            finished = true;
            break;
          case 'fail':
            // Nothing was removed that leads to what is protected.
            expect([observed.protectedAmiIds, observed.images.length, observed.snapshotIds]).toEqual([[AMI], start.images.length, start.snapshotIds]);
            finished = true;
            break;
        }
      }
      expect(finished).toBe(true);
    }
  });
});
