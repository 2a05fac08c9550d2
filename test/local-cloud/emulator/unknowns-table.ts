import { Answer, Unknown, UNKNOWN_IDS, UNKNOWNS } from './unknowns';

const BEGIN = '<!-- unknowns: written by `npm run docs:loopback` -->';
const END = '<!-- end of unknowns -->';

/** Returns the page with its table of unknowns written anew. */
export function withUnknownsTable(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`The page has no place between "${BEGIN}" and "${END}"`);
  }
  return `${before}${BEGIN}\n${unknownsTable()}\n${END}${after}`;
}

function unknownsTable(): string {
  return [
    '| Question | Plausible answers, the assumed one first | What the library does |',
    '| --- | --- | --- |',
    ...UNKNOWN_IDS.map((id) => row(UNKNOWNS[id])),
  ].join('\n');
}

function row({ question, product, assumed, answers }: Unknown): string {
  const others = Object.entries<Answer>(answers).filter(([id]) => id !== assumed).map(([, answer]) => answer);
  const all = [answers[assumed], ...others].filter((answer) => answer !== undefined);
  return `| ${question} | ${all.map(describe).join('<br>')} | ${product} |`;
}

function describe({ says, source, played }: Answer): string {
  const mark = typeof played === 'string' ? '' : ` ([test](../${played.test}))`;
  return `${says} (${source.replace(/https:\/\/\S+/g, linked)})${mark}`;
}

/** The last part of a URL as its text. */
function linked(url: string): string {
  const [, punctuation = ''] = /([;,]?)$/.exec(url) ?? [];
  const address = url.slice(0, url.length - punctuation.length);
  return `[${address.replace(/^.*\//, '').replace(/(\.html)?(#.*)?$/, '')}](${address})${punctuation}`;
}
