import { decideAmi, decideAmiRemoval, type AmiCircumstances, type AmiRemovalCircumstances, type AmiToRemove, type TargetAmi } from '../../../lambda/ami/decide';
import type { TagChange } from '../../../lambda/aws/tags';
import { DELETE_SETTLES_AFTER, EC2_SETTLES_AFTER } from '../../../lambda/timing';

const AMI = 'ami-1';
const CHANGE = { kind: 'require-imdsv2' } as const;
const TAG: TagChange = { on: { kind: 'ec2', resource: 'ami', id: AMI }, set: { team: 'a' }, remove: [] };
const IMPORTED = { kind: 'imported', amiId: 'ami-0' } as const;
const COPY = { kind: 'copy', amiId: 'ami-0', name: 'golden' } as const;
const REGISTRATION = { kind: 'registration', parameters: { Architecture: 'arm64' } } as const;
const COPYING: AmiCircumstances = { source: COPY, phase: 'creating', elapsed: 0 };
const AVAILABLE: TargetAmi = { kind: 'available', amiId: AMI, changes: [], tagChanges: [] };

const DISABLED: TargetAmi = { ...AVAILABLE, kind: 'disabled' };

const KEPT: readonly TargetAmi[] = [
  { kind: 'none' }, { kind: 'pending', amiId: AMI }, { kind: 'failed', amiId: AMI, reason: 'no key' },
  AVAILABLE, { ...AVAILABLE, changes: [CHANGE] }, { ...AVAILABLE, tagChanges: [TAG] }, { ...AVAILABLE, changes: [CHANGE], tagChanges: [TAG] },
  DISABLED,
];
const CIRCUMSTANCES: readonly AmiCircumstances[] = [COPY, IMPORTED, REGISTRATION].flatMap((source) =>
  (['creating', 'updating'] as const).flatMap((phase) => [0, EC2_SETTLES_AFTER, 10_000].map((elapsed) => ({ source, phase, elapsed }))));

describe('an AMI', () => {
  test.each<readonly [string, TargetAmi, Partial<AmiCircumstances>, object]>([
    ['is copied for its name', { kind: 'none' }, {}, { kind: 'copy', amiId: 'ami-0', name: 'golden' }],
    ['is copied late, because there was no slot', { kind: 'none' }, { elapsed: 2_000 }, { kind: 'copy', name: 'golden' }],
    ['is registered from snapshots', { kind: 'none' }, { source: REGISTRATION }, { kind: 'register', parameters: { Architecture: 'arm64' } }],
    ['is not registered again by an update', { kind: 'none' }, { source: REGISTRATION, phase: 'updating', elapsed: EC2_SETTLES_AFTER }, { kind: 'lost', reason: 'The AMI no longer exists. Set or change "revision" of the VmImportAmi to import its disks again.', changes: [] }],
    ['is not copied again by an update', { kind: 'none' }, { phase: 'updating', elapsed: EC2_SETTLES_AFTER }, { kind: 'lost', reason: 'The AMI golden no longer exists. Use another name to copy it again.', changes: [] }],
    ['is looked for twice before an update misses it', { kind: 'none' }, { phase: 'updating', elapsed: EC2_SETTLES_AFTER - 1 }, { kind: 'wait' }],
    ['is never copied without a name', { kind: 'none' }, { source: IMPORTED }, { kind: 'wait', on: 'EC2 does not list the AMI yet' }],
    ['that is gone fails', { kind: 'none' }, { source: IMPORTED, elapsed: EC2_SETTLES_AFTER }, { kind: 'lost', reason: expect.stringMatching(/^The imported AMI ami-0 no longer exists\. .*"revision"/), changes: [] }],
    ['that is pending is waited for', { kind: 'pending', amiId: AMI }, {}, { kind: 'wait', on: 'AMI ami-1 is pending' }],
    ['that failed fails with EC2\'s reason', { kind: 'failed', amiId: AMI, reason: 'no key' }, {}, { kind: 'fail', reason: 'AMI ami-1 failed: no key' }],
    [
      'that failed for a known reason says what to do', { kind: 'failed', amiId: AMI, reason: 'Given key ID is not accessible.' }, {},
      { kind: 'fail', reason: expect.stringMatching(/^AMI ami-1 failed: Given key ID is not accessible\. \(hint: set encryptionKey/) },
    ],
    ['gets what it lacks', { ...AVAILABLE, changes: [CHANGE], tagChanges: [TAG] }, {}, { kind: 'change', amiId: AMI, changes: [CHANGE], tagChanges: [TAG] }],
    ['gets tags that it lacks', { ...AVAILABLE, tagChanges: [TAG] }, { phase: 'updating' }, { kind: 'change', tagChanges: [TAG] }],
    ['that lacks nothing is done', AVAILABLE, {}, { kind: 'done' }],
    ['that somebody disabled and that lacks nothing is done', DISABLED, {}, { kind: 'done', amiId: AMI }],
    ['that somebody disabled gets tags', { ...DISABLED, tagChanges: [TAG] }, {}, { kind: 'change', amiId: AMI, changes: [], tagChanges: [TAG] }],
    ['that somebody disabled loses its protection', { ...DISABLED, changes: [{ kind: 'lift-protection' }] }, {}, { kind: 'change', changes: [{ kind: 'lift-protection' }] }],
    ['that somebody disabled fails at once if it lacks anything else', { ...DISABLED, changes: [{ kind: 'lift-protection' }, CHANGE] }, {}, {
      kind: 'lost',
      reason: 'AMI ami-1 is disabled, and EC2 does not change a disabled AMI. Enable it (aws ec2 enable-image --image-id ami-1), and deploy again.',
      changes: [{ kind: 'lift-protection' }],
    }],
  ])('%s', (_behaviour, kept, circumstances, action) => {
    expect(decideAmi(kept, { ...COPYING, ...circumstances })).toMatchObject(action);
  });

  test('is done if and only if it stands and lacks nothing, and is copied or registered only where a create finds none, over all states', () => {
    expect(KEPT.length * CIRCUMSTANCES.length).toBe(8 * 18);
    for (const kept of KEPT) {
      for (const circumstances of CIRCUMSTANCES) {
        const { kind } = decideAmi(kept, circumstances);
        expect(kind === 'done').toBe(kept === AVAILABLE || kept === DISABLED);
        const creates = kept.kind === 'none' && circumstances.phase === 'creating';
        expect(kind === 'copy').toBe(creates && circumstances.source === COPY);
        expect(kind === 'register').toBe(creates && circumstances.source === REGISTRATION);
        expect(kind === 'change').toBe(kept.kind === 'available' && kept !== AVAILABLE);
      }
    }
  });
});

const DELETING: AmiRemovalCircumstances = { onDelete: 'keep-protection', elapsed: 0, after: 'an-answer' };
const WHOLE = { amiId: AMI, state: 'whole', protection: 'disabled' } as const;
const copies = (...found: (AmiToRemove & { kind: 'copies' })['copies']): AmiToRemove => ({ kind: 'copies', copies: found, snapshotIds: ['snap-1'] });

describe('the removal', () => {
  test.each<readonly [string, AmiToRemove, Partial<AmiRemovalCircumstances>, object]>([
    ['of a copy takes its snapshots, too, and is done', copies(WHOLE), {}, { kind: 'remove', amiIds: [AMI], snapshotIds: ['snap-1'], then: 'done' }],
    ['of a half-made copy looks again', copies({ ...WHOLE, state: 'half-made' }), {}, { kind: 'remove', amiIds: [AMI], then: 'look-again' }],
    ['of a copy after no answer looks again', copies(WHOLE), { after: 'no-answer' }, { kind: 'remove', amiIds: [AMI], then: 'look-again' }],
    ['of snapshots that a copy left looks again', copies(), {}, { kind: 'remove', amiIds: [], snapshotIds: ['snap-1'], then: 'look-again' }],
    ['of a copy that does not show looks twice', { kind: 'copies', copies: [], snapshotIds: [] }, { elapsed: DELETE_SETTLES_AFTER - 1 }, { kind: 'wait' }],
    ['of a copy that is gone is done', { kind: 'copies', copies: [], snapshotIds: [] }, { elapsed: DELETE_SETTLES_AFTER }, { kind: 'done' }],
    ['of a protected copy fails, and removes nothing', copies(WHOLE, { ...WHOLE, amiId: 'ami-2', protection: 'enabled-with-cooldown' }), {}, { kind: 'fail', reason: expect.stringMatching(/^AMI ami-2 is protected .* --image-id ami-2; .* 24 hours\).*--retain-resources\)\.$/) }],
    ['of a protected copy lifts the protection where that was chosen', copies({ ...WHOLE, protection: 'enabled-without-cooldown' }), { onDelete: 'lift-protection' }, { kind: 'change', amiIds: [AMI], changes: [{ kind: 'lift-protection' }] }],
    ['from an imported AMI takes everything back', { kind: 'imported', amiId: AMI, changes: [{ kind: 'cancel-deprecation' }] }, {}, { kind: 'change', amiIds: [AMI], changes: [{ kind: 'cancel-deprecation' }] }],
    ['from an imported AMI that it protected fails, and takes nothing back', { kind: 'imported', amiId: AMI, changes: [{ kind: 'cancel-deprecation' }, { kind: 'lift-protection' }] }, {}, { kind: 'fail', reason: expect.stringContaining('AMI ami-1 is protected') }],
    ['from an imported AMI lifts the protection where that was chosen', { kind: 'imported', amiId: AMI, changes: [{ kind: 'lift-protection' }] }, { onDelete: 'lift-protection' }, { kind: 'change', changes: [{ kind: 'lift-protection' }] }],
    ['from an imported AMI that is as before is done', { kind: 'imported', amiId: AMI, changes: [] }, {}, { kind: 'done' }],
    ['after no answer looks again at an imported AMI', { kind: 'imported', amiId: AMI, changes: [] }, { after: 'no-answer' }, { kind: 'wait' }],
    ['after no answer has an end', { kind: 'imported', amiId: AMI, changes: [] }, { after: 'no-answer', elapsed: DELETE_SETTLES_AFTER }, { kind: 'done' }],
    ['from an AMI that is gone is done', { kind: 'nothing' }, {}, { kind: 'done' }],
    ['after no answer looks twice for an AMI', { kind: 'nothing' }, { after: 'no-answer' }, { kind: 'wait' }],
  ])('%s', (_behaviour, found, circumstances, action) => {
    expect(decideAmiRemoval(found, { ...DELETING, ...circumstances })).toMatchObject(action);
  });

  test('never lifts a protection and never removes what is protected unless it was chosen, over all states', () => {
    const protections = ['disabled', 'enabled-without-cooldown', 'enabled-with-cooldown'] as const;
    const all = protections.flatMap((one) => protections.flatMap((other) => (['whole', 'half-made'] as const).map((state) =>
      copies({ ...WHOLE, protection: one, state }, { ...WHOLE, amiId: 'ami-2', protection: other }))));
    for (const found of all) {
      for (const after of ['an-answer', 'no-answer'] as const) {
        const isProtected = found.kind === 'copies' && found.copies.some(({ protection }) => protection !== 'disabled');
        expect(decideAmiRemoval(found, { ...DELETING, after }).kind).toBe(isProtected ? 'fail' : 'remove');
        expect(decideAmiRemoval(found, { ...DELETING, after, onDelete: 'lift-protection' }).kind).toBe(isProtected ? 'change' : 'remove');
      }
    }
  });
});
