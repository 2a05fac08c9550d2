import { locationOf } from '../../../lambda/cloudformation/physical-id';
import { createRequest } from '../requests';
import { Rig } from '../rig';

test('a stack is found by its id: partition, Region, account and UUID', () => {
  expect(locationOf('arn:aws-cn:cloudformation:cn-north-1:111122223333:stack/my-stack/51af3dc0-da77-11e4-872e-1234567abcdb')).toStrictEqual({
    partition: 'aws-cn', region: 'cn-north-1', account: '111122223333', uuid: '51af3dc0-da77-11e4-872e-1234567abcdb',
  });
});

test.each([
  'my-stack',
  'arn:aws:cloudformation:eu-west-1:111122223333:stack/my-stack',
  'arn:aws:cloudformation:eu-west-1:111122223333:stack/my-stack/unknown',
  'arn:aws:cloudformation:eu-west-1:111122223333:stack/51af3dc0-da77-11e4-872e-1234567abcdb',
  'arn:aws:cloudformation:eu-west-1:111122223333:stack/my-stack/51af3dc0-da77-11e4-872e-1234567abcdb/more',
])('%p is no id of a stack, and no name is made from it', async (StackId) => {
  const sentence = `"${StackId}" is not a stack id, which is an ARN that ends in a UUID. Deploy the stack with CloudFormation.`;
  expect(() => locationOf(StackId)).toThrow(sentence);
  await expect(new Rig().handlers.onEvent({ ...createRequest(), StackId }, { getRemainingTimeInMillis: () => 60_000 })).rejects.toThrow(sentence);
});
