import { IConstruct } from 'constructs';
import { requireBoolean, requireObject } from './requirements';

const KEY = 'a key, such as kms.Key.fromKeyArn makes';

/** The options that are objects, by what to use instead of anything else. An option has the same type in every construct. */
const OBJECTS: Readonly<Record<string, string>> = {
  ami: 'an object with the properties of the AMI',
  clientData: 'an object with comment, uploadStart, uploadEnd or uploadSize',
  encryptionKey: KEY,
  environmentEncryption: KEY,
  logEncryptionKey: KEY,
  logGroup: 'a log group, such as logs.LogGroup.fromLogGroupName makes',
  provider: 'a VmImportProvider',
  role: 'a role, such as iam.Role.fromRoleName makes',
  tags: 'an object with a text for each key',
  timeout: 'a Duration, such as Duration.minutes(50)',
  volumeSize: 'a Size, such as Size.gibibytes(20)',
  vpc: 'a VPC, such as ec2.Vpc.fromLookup makes',
};

const BOOLEANS = ['enaSupport', 'encrypted', 'imdsv2', 'omitUnallocatedBlocks', 'preflight', 'tpm'];

/** Requires the options of a construct to have their types. Only untyped code gets this far with others. */
export function requireTypes(scope: IConstruct, props: object): void {
  for (const [name, value] of Object.entries(props).filter(([, given]) => given !== undefined)) {
    const instead = OBJECTS[name];
    if (instead !== undefined) {
      requireObject(scope, name, value, instead);
    }
    if (BOOLEANS.includes(name)) {
      requireBoolean(scope, name, value);
    }
  }
}
