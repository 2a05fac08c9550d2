import { Fn, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ValidationError } from './errors';

const IMAGE_ARN = /^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?):image\/([a-z0-9-_]+)\/([0-9]+\.[0-9]+\.[0-9]+\/[0-9]+)$/;

/** Name and version with build number in the ARN of an image, `arn:…:image/<name>/<x.y.z>/<build>`. */
export function parseImageArn(scope: Construct, arn: string): { readonly name: string; readonly version: string } {
  if (Token.isUnresolved(arn)) {
    const part = (index: number) => Fn.select(index, Fn.split('/', arn));
    return { name: part(1), version: `${part(2)}/${part(3)}` };
  }
  const [, name, version] = IMAGE_ARN.exec(arn) ?? [];
  if (name === undefined || version === undefined) {
    throw new ValidationError(
      `${JSON.stringify(arn)} is not the ARN of an Image Builder image: give one like arn:aws:imagebuilder:eu-west-1:123456789012:image/name/1.0.0/1.`,
      scope,
    );
  }
  return { name, version };
}
