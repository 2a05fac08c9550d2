/**
 * The AWS SDK as esbuild can shake it. The code stays the SDK's own, and what it does stays the same: the changes only
 * take away what no call of ours reaches.
 */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

/** Files of the SDK, and the file that stands in for each. */
export type Replacements = readonly (readonly [sdkFile: RegExp, standIn: string])[];

export function leanSdk(replacements: Replacements): Plugin {
  return {
    name: 'lean-sdk',
    setup(build) {
      const used = new Set<string>();
      for (const [filter, standIn] of replacements) {
        build.onLoad({ filter }, async ({ path }) => {
          used.add(standIn);
          return { contents: await readFile(standIn, 'utf8'), loader: 'ts', resolveDir: dirname(path) };
        });
      }
      build.onEnd(() => ({
        errors: replacements.filter(([, standIn]) => !used.has(standIn)).map(([filter]) => ({ text: `The SDK has no ${filter.source} any more` })),
      }));
      build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/][^\\/]+\.js$/ }, async ({ path }) => (
        { contents: shakableSchemas(await readFile(path, 'utf8')), loader: 'js' }
      ));
      build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, async ({ path }) => (
        { contents: versionAlone(await readFile(path, 'utf8')), loader: 'json' }
      ));
    },
  };
}

/**
 * A client's schemas name every string by a constant (`const _N = "Name"`) and use it as a computed key (`{ [_xN]: _n }`),
 * which esbuild must take for code with a side effect; so it keeps the schemas of all of EC2. With the strings in their
 * places, it keeps those of the commands that are used.
 *
 * Errors that a service declares are registered at load, each with a class of its own. Ours are told by their names,
 * which the SDK gives those that it has no class for, too: such an error is the service's base exception, named by its code.
 */
export function shakableSchemas(source: string): string {
  const strings = new Map([...source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name = '', literal = '']) => [name, literal]));
  return source
    .replace(/^n0_registry\.registerError\(\w+\$, \w+\);$/gm, '')
    .replace(/\[(_\w+)\](?=:)/g, (computed, name: string) => strings.get(name) ?? computed)
    // What is quoted stays, and so does the name that a constant is given.
    .replace(/"[^"]*"|`[^`]*`|const _\w+|\b_\w+\b/g, (token) => strings.get(token) ?? token);
}

/** A client reads the version of its package, for the user agent, by an import of all of package.json. */
function versionAlone(manifest: string): string {
  const { version } = JSON.parse(manifest) as { readonly version: string };
  return JSON.stringify({ version });
}
