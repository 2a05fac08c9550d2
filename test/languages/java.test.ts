import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testWith } from './toolchain';
import { blockOf, readmeInTypeScript, synthesizedIn, synthesizedInTypeScript, templates, Workshop } from './workshop';

const PARENT = '<parent><groupId>languages</groupId><artifactId>languages</artifactId><version>1.0.0</version></parent>';

const workshop = new Workshop();
afterAll(() => workshop.close());

/** Ranges become their lower ends, as a release makes them their upper ones: the oldest of everything must do. */
function pinLowest(pom: string): string {
  return pom
    .replace(/<version>\[([^,\]]+),[^)\]]*\)<\/version>/g, '<version>$1</version>')
    .replace('</modelVersion>', `</modelVersion>${PARENT}`);
}

testWith(['java', 'javac', 'mvn'], 'an app in Java, and the block of docs/languages.md, synthesize what those in TypeScript do, with the package that Maven builds', async () => {
  const generated = await workshop.generate('java');
  cpSync(join(Workshop.apps, 'java'), join(workshop.folder, 'project'), { recursive: true });
  renameSync(generated, join(workshop.folder, 'project', 'package'));
  const pom = join(workshop.folder, 'project', 'package', 'pom.xml');
  writeFileSync(pom, pinLowest(readFileSync(pom, 'utf8')));

  writeFileSync(join(workshop.folder, 'project', 'app', 'src', 'main', 'java', 'GoldenImage.java'), blockOf('docs/languages.md', 'java'));

  const written = await workshop.assembly('mvn', ['--batch-mode', '--no-transfer-progress', 'process-classes'], 'project');
  expect(synthesizedIn(written)).toEqual(await synthesizedInTypeScript());
  expect(templates(written).get('GoldenImage.template.json')).toEqual((await readmeInTypeScript(workshop)).get('GoldenImage.template.json'));
}, 600_000);
