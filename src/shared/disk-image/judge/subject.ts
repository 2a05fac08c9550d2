/** A disk under judgement: the file itself, or a disk inside an OVA. */
export interface Subject {
  /** How messages call it. */
  readonly label: string;
  /** How commands call it. */
  readonly fileName: string;
  /** A command that makes that file first, with its `&&`; empty where it is there already. */
  readonly unpack: string;
}

export function subjectOf(fileName: string): Subject {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(fileName)) return { label: fileName, fileName, unpack: '' };
  // A presigned URL carries its signature: findings reach logs and CloudFormation events.
  const label = fileName.replace(/[?#].*$/, '').replace(/\/\/[^/]*@/, '//');
  // What a URL names is downloaded under its last part.
  const local = label.replace(/^.*\//, '');
  return { label, fileName: local === '' ? 'disk' : local, unpack: '' };
}

export function memberSubject(archive: Subject, member: string): Subject {
  return { label: `${member} in ${archive.label}`, fileName: member, unpack: `tar -xf ${quoted(archive.fileName)} ${quoted(member)} && ` };
}

/** Returns a word of a POSIX shell command. */
export function quoted(word: string): string {
  const safe = word.startsWith('-') ? `./${word}` : word;
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replace(/'/g, "'\\''")}'`;
}
