import { IResolvable } from 'aws-cdk-lib';

/** A value of a contract as the template holds it: any part of it may be a token. */
export type Written<T> =
  | IResolvable
  | (T extends string | number | boolean ? T
    : T extends readonly (infer Item)[] ? readonly Written<Item>[]
      : T extends object ? WrittenObject<T>
        : T);

export type WrittenObject<T> = { readonly [name in keyof T]: Written<T[name]> };
