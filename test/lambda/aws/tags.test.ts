import { fromEc2Tags, tagChange, toEc2Tags, type TaggedThing } from '../../../lambda/aws/tags';

const THING: TaggedThing = { kind: 'ec2', resource: 'ami', id: 'ami-1' };

describe('the tags of a thing', () => {
  test('change where one is missing or has another value, and where one is retired', () => {
    expect(tagChange(THING, { a: '1', b: 'old', gone: 'x' }, { a: '1', b: '2', c: '3' }, ['gone', 'never-there'])).toEqual({
      on: THING, set: { b: '2', c: '3' }, remove: ['gone'],
    });
  });

  test('stay where they are as wanted; what somebody else put there is left alone', () => {
    expect(tagChange(THING, { a: '1', theirs: 'x' }, { a: '1' }, [])).toBeUndefined();
  });

  test('are not removed where they are wanted again', () => {
    expect(tagChange(THING, { a: '1' }, { a: '1' }, ['a'])).toBeUndefined();
  });

  test('translate to and from EC2', () => {
    expect(toEc2Tags({ a: '1' })).toEqual([{ Key: 'a', Value: '1' }]);
    expect(fromEc2Tags([{ Key: 'a', Value: '1' }, {}])).toEqual({ 'a': '1', '': '' });
    expect(fromEc2Tags(undefined)).toEqual({});
  });
});
