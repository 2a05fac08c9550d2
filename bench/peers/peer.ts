import type { LocalCloud } from '../../test/local-cloud/local-cloud';

/** A tool that imports a disk. */
export interface Peer {
  readonly key: string;
  readonly name: string;
  /** How it waits for the task, and whose choice that is. */
  readonly waiting: string;
  /** What it leaves the user with. */
  readonly gives: string;
  /** Finds, in what the tool printed, the words that say why it failed (its first group). */
  readonly failure: RegExp;
  /** Makes the tool ready, from its pinned versions, and gives the versions that the tool itself tells. Rejects with the tool's own words. */
  install(signal: AbortSignal): Promise<string>;
  /** Prepares one import in an account. */
  prepare(cloud: LocalCloud, disk: string): Promise<Prepared>;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Prepared {
  /** The one command that imports the disk; run once more after it was killed. */
  readonly command: Command;
  /** What undoes the import, where the tool has such a command. */
  readonly undo?: Command;
  stop(): Promise<void>;
}
