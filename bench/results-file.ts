/**
 * Several commands write bench/RESULTS.md, each its own section between two comments that Markdown does not show:
 * `<!-- peers -->` … `<!-- /peers -->`. A command replaces its section and keeps the others.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Writes a section of a file. */
export function writeSection(path: string, name: string, content: string): void {
  writeFileSync(path, withSection(existsSync(path) ? readFileSync(path, 'utf8') : '', name, content));
}

/** Returns the content of a section without its markers, or undefined if the file has no such section. */
export function readSection(file: string, name: string): string | undefined {
  const place = placeOf(file, name);
  return place && file.slice(place.start + opening(name).length, place.end - closing(name).length).trim();
}

/** Returns the file with this content in the section. A new section comes last. */
export function withSection(file: string, name: string, content: string): string {
  const section = `${opening(name)}\n\n${content.trim()}\n\n${closing(name)}`;
  const place = placeOf(file, name);
  if (place) {
    return file.slice(0, place.start) + section + file.slice(place.end);
  }
  return `${file.trimEnd()}${file.trim() === '' ? '' : '\n\n'}${section}\n`;
}

function placeOf(file: string, name: string): { readonly start: number; readonly end: number } | undefined {
  const start = file.indexOf(opening(name));
  const end = file.indexOf(closing(name));
  if (start === -1 && end === -1) {
    return undefined;
  }
  if (start === -1 || end < start) {
    throw new Error(`The section "${name}" has one of its two markers only: write both, ${opening(name)} and ${closing(name)}, or none.`);
  }
  return { start, end: end + closing(name).length };
}

function opening(name: string): string {
  return `<!-- ${name} -->`;
}

function closing(name: string): string {
  return `<!-- /${name} -->`;
}
