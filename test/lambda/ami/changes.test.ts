import { amiChanges, type CurrentAmi } from '../../../lambda/ami/changes';
import type { AmiProperties, AmiRequest } from '../../../lambda/ami/request';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const FRESH: CurrentAmi = { description: 'AWS-VMImport', launchPermissions: [], protection: 'disabled' };
const nothing: AmiRequest['retired'] = new Set();

function changes(state: Partial<CurrentAmi>, wanted: AmiProperties, retired: readonly (keyof AmiProperties)[] = []) {
  return amiChanges({ ...FRESH, ...state }, { wanted, retired: new Set(retired) }, NOW);
}

test('an AMI of which nothing is wanted is left as it is, whatever it is', () => {
  expect(changes({ imdsSupport: 'v2.0', deprecationTime: NOW, protection: 'enabled-with-cooldown', launchPermissions: [{ Group: 'all' }] }, {})).toEqual([]);
});

test('a fresh AMI is restricted before it is shared, and protected last', () => {
  const wanted: AmiProperties = {
    description: 'golden', launchPermissions: [{ UserId: '111122223333' }], imdsSupport: 'v2.0', deprecateAt: NOW + DAY, protection: 'enabled-without-cooldown',
  };
  expect(changes({}, wanted)).toEqual([
    { kind: 'require-imdsv2' },
    { kind: 'note-description', description: 'AWS-VMImport' },
    { kind: 'describe', description: 'golden' },
    { kind: 'deprecate', at: NOW + DAY },
    { kind: 'share', add: [{ UserId: '111122223333' }], remove: [] },
    { kind: 'protect', protection: 'enabled-without-cooldown' },
  ]);
});

test.each<readonly [string, Partial<CurrentAmi>, AmiProperties, readonly (keyof AmiProperties)[], readonly object[]]>([
  ['IMDSv2 that is required already', { imdsSupport: 'v2.0' }, { imdsSupport: 'v2.0' }, [], []],
  ['IMDSv2 that need not be required any more, because EC2 cannot take it back', { imdsSupport: 'v2.0' }, {}, ['imdsSupport'], []],
  ['a description that is as wanted', { description: 'a', notedDescription: 'AWS' }, { description: 'a' }, [], []],
  ['another description, without noting the one in between', { description: 'a', notedDescription: 'AWS' }, { description: 'b' }, [], [{ kind: 'describe', description: 'b' }]],
  ['a description that was taken out', { description: 'a', notedDescription: 'AWS' }, {}, ['description'], [{ kind: 'describe', description: 'AWS' }]],
  ['a description that was taken out before it was given', {}, {}, ['description'], []],
  ['a description that was taken out where there was none before', { description: 'a', notedDescription: '' }, {}, ['description'], []],
  ['a deprecation in the same minute', { deprecationTime: NOW + DAY }, { deprecateAt: NOW + DAY + 59_999 }, [], []],
  ['another deprecation', { deprecationTime: NOW + DAY }, { deprecateAt: NOW + DAY + MINUTE }, [], [{ kind: 'deprecate', at: NOW + DAY + MINUTE }]],
  ['a deprecation that has passed, which EC2 takes a little later', {}, { deprecateAt: NOW - DAY }, [], [{ kind: 'deprecate', at: NOW + 2 * MINUTE }]],
  ['a deprecation that has passed, and is on its way', { deprecationTime: NOW + 3 * MINUTE }, { deprecateAt: NOW - DAY }, [], []],
  ['a deprecation that has passed, on an AMI that is deprecated later', { deprecationTime: NOW + DAY }, { deprecateAt: NOW - DAY }, [], [{ kind: 'deprecate', at: NOW + 2 * MINUTE }]],
  ['a deprecation that was taken out', { deprecationTime: NOW + DAY }, {}, ['deprecateAt'], [{ kind: 'cancel-deprecation' }]],
  ['a deprecation that was taken out, and is', {}, {}, ['deprecateAt'], []],
  ['sharing with others', { launchPermissions: [{ UserId: '1' }, { OrganizationArn: 'o' }] }, { launchPermissions: [{ OrganizationArn: 'o' }, { OrganizationalUnitArn: 'ou' }] }, [], [{ kind: 'share', add: [{ OrganizationalUnitArn: 'ou' }], remove: [{ UserId: '1' }] }]],
  ['sharing that was taken out', { launchPermissions: [{ Group: 'all' }] }, {}, ['launchPermissions'], [{ kind: 'share', add: [], remove: [{ Group: 'all' }] }]],
  ['sharing that is as wanted, in another order', { launchPermissions: [{ UserId: '1' }, { UserId: '2' }] }, { launchPermissions: [{ UserId: '2' }, { UserId: '1' }] }, [], []],
  ['permissions that EC2 does not list', { launchPermissions: undefined }, { launchPermissions: [] }, [], []],
  ['protection with a cooldown instead', { protection: 'enabled-without-cooldown' }, { protection: 'enabled-with-cooldown' }, [], [{ kind: 'protect', protection: 'enabled-with-cooldown' }]],
  ['protection that is switched off', { protection: 'enabled-with-cooldown' }, { protection: 'disabled' }, [], [{ kind: 'lift-protection' }]],
  ['protection that was taken out', { protection: 'enabled-with-cooldown' }, {}, ['protection'], [{ kind: 'lift-protection' }]],
  ['protection that was taken out, and is', {}, {}, ['protection'], []],
])('what changes for %s', (_what, state, wanted, retired, expected) => {
  expect(changes(state, wanted, retired)).toEqual(expected);
});

describe('once EC2 does what it is asked', () => {
  const options = <T>(values: readonly T[]): readonly (T | undefined)[] => [undefined, ...values];
  const states: CurrentAmi[] = options(['v2.0']).flatMap((imdsSupport) =>
    options([NOW - DAY, NOW + DAY]).flatMap((deprecationTime) =>
      (['disabled', 'enabled-without-cooldown', 'enabled-with-cooldown'] as const).flatMap((protection) =>
        [[], [{ UserId: '1' }], [{ Group: 'all' as const }]].flatMap((launchPermissions) =>
          options(['AWS', '']).map((notedDescription) => ({ ...FRESH, imdsSupport, deprecationTime, protection, launchPermissions, notedDescription }))))));
  const wishes: Pick<AmiRequest, 'wanted' | 'retired'>[] = options(['v2.0'] as const).flatMap((imdsSupport) =>
    options([NOW - DAY, NOW + 2 * DAY]).flatMap((deprecateAt) =>
      options(['disabled', 'enabled-without-cooldown'] as const).flatMap((protection) =>
        options([[], [{ UserId: '2' }]]).flatMap((launchPermissions) =>
          options(['golden']).flatMap((description) => {
            const wanted: AmiProperties = { imdsSupport, deprecateAt, protection, launchPermissions, description };
            const absent = (Object.keys(wanted) as (keyof AmiProperties)[]).filter((name) => wanted[name] === undefined);
            return [{ wanted, retired: nothing }, { wanted, retired: new Set(absent) }];
          })))));

  test('nothing is left to change, from every state to every wish', () => {
    expect(states.length * wishes.length).toBe(162 * 216);
    for (const state of states) {
      for (const wish of wishes) {
        const after = amiChanges(state, wish, NOW).reduce(apply, state);
        expect(amiChanges(after, wish, NOW)).toEqual([]);
      }
    }
  });

  function apply(state: CurrentAmi, change: ReturnType<typeof amiChanges>[number]): CurrentAmi {
    switch (change.kind) {
      case 'require-imdsv2':
        return { ...state, imdsSupport: 'v2.0' };
      case 'note-description':
        return { ...state, notedDescription: change.description };
      case 'describe':
        return { ...state, description: change.description };
      case 'deprecate':
        return { ...state, deprecationTime: change.at };
      case 'cancel-deprecation':
        return { ...state, deprecationTime: undefined };
      case 'protect':
        return { ...state, protection: change.protection };
      case 'lift-protection':
        return { ...state, protection: 'disabled' };
      case 'share': {
        const gone = new Set(change.remove.map((one) => JSON.stringify(one)));
        return { ...state, launchPermissions: [...(state.launchPermissions ?? []).filter((one) => !gone.has(JSON.stringify(one))), ...change.add] };
      }
    }
  }
});
