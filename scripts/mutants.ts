import * as ts from 'typescript';

/** How the text of a mutant replaces its node. `member` is a name with the dot before it, `key` a property's name. */
type Form = 'expression' | 'statement' | 'member' | 'key';

/** One change of one file that some test has to notice. */
export interface Mutant {
  readonly line: number;
  /** What changes and what it becomes, short enough to print. */
  readonly original: string;
  readonly replacement: string;
  /** The node that behaves differently, and the whole of its other text. */
  readonly start: number;
  readonly end: number;
  readonly form: Form;
  readonly text: string;
}

const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['===', '!=='], ['!==', '==='], ['<', '<='], ['<=', '<'], ['>', '>='], ['>=', '>'], ['&&', '||'], ['||', '&&'], ['??', '&&'],
  ['+', '-'], ['-', '+'], ['*', '/'], ['/', '*'],
]);
const METHODS: ReadonlyMap<string, string> = new Map([
  ['some', 'every'], ['every', 'some'], ['startsWith', 'endsWith'], ['min', 'max'], ['max', 'min'],
]);

type Replace = (node: ts.Node, replacement: string, form?: Form) => void;

/** Returns every mutant of a source, in the order of the text. */
export function mutantsOf(source: string): readonly Mutant[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const add = (changed: ts.Node, replacement: string, whole: Pick<Mutant, 'start' | 'end' | 'form' | 'text'>) => {
    const line = file.getLineAndCharacterOfPosition(changed.getStart(file)).line + 1;
    mutants.push({ line, original: changed.getText(file), replacement, ...whole });
  };
  const replace: Replace = (node, text, form = 'expression') => add(node, text, { start: node.getStart(file), end: node.getEnd(), form, text });
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
      return;
    }
    if (ts.isBinaryExpression(node)) {
      const swapped = otherOperator(node);
      if (swapped !== undefined) {
        add(node.operatorToken, swapped, {
          start: node.getStart(file), end: node.getEnd(), form: 'expression', text: `${operand(node.left)} ${swapped} ${operand(node.right)}`,
        });
      }
    } else if (ts.isPropertyAccessExpression(node) && ts.isCallExpression(node.parent) && node.parent.expression === node) {
      const swapped = METHODS.get(node.name.text);
      if (swapped !== undefined) {
        add(node.name, swapped, { start: node.expression.getEnd(), end: node.getEnd(), form: 'member', text: swapped });
      }
    } else {
      mutate(node, replace);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutants;
}

function otherOperator({ left, operatorToken, right }: ts.BinaryExpression): string | undefined {
  // A text that is put together is no sum.
  const isText = operatorToken.kind === ts.SyntaxKind.PlusToken
    && [left, right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side));
  return isText ? undefined : OPERATORS.get(operatorToken.getText());
}

/** The other operator may bind otherwise than the one that it replaces. */
function operand(node: ts.Expression): string {
  return ts.isBinaryExpression(node) ? `(${node.getText()})` : node.getText();
}

function mutate(node: ts.Node, replace: Replace): void {
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    replace(node, node.operand.getText());
  } else if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
    replace(node, node.kind === ts.SyntaxKind.TrueKeyword ? 'false' : 'true');
  } else if (ts.isNumericLiteral(node)) {
    replace(node, `${node.text} + 1`, ts.isPropertyAssignment(node.parent) && node.parent.name === node ? 'key' : 'expression');
  } else if (ts.isIfStatement(node)) {
    replace(node.expression, 'true');
    replace(node.expression, 'false');
  } else if (ts.isConditionalExpression(node)) {
    replace(node.condition, 'true');
    replace(node.condition, 'false');
  } else if (ts.isExpressionStatement(node) && !ts.isStringLiteral(node.expression)) {
    replace(node, ';', 'statement');
  } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'filter' && node.arguments[0]) {
    replace(node.arguments[0], '() => true');
  }
}

interface Numbered extends Mutant { readonly test: string }

const isOptional = (source: string, { start }: Mutant) => source.startsWith('?.', start);

/** Returns the source with one mutant in it. */
export function apply(source: string, mutant: Mutant): string {
  const { start, end, form, text } = mutant;
  const replacement = {
    expression: `(${text})`, statement: text, member: `${isOptional(source, mutant) ? '?.' : '.'}${text}`, key: `[${text}]`,
  }[form];
  return source.slice(0, start) + replacement + source.slice(end);
}

/**
 * Returns the source with all its mutants in it. The one whose number `isActive` accepts takes effect; the numbers count from `first`.
 * The text of a mutant repeats what is inside of it without mutants, as only one is active at a time.
 */
export function switchable(source: string, mutants: readonly Mutant[], isActive: string, first: number): string {
  const numbered = mutants.map((mutant, index): Numbered => ({ ...mutant, test: `${isActive}(${first + index})` }))
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const write = (start: number, end: number, inside: readonly Numbered[]): string => {
    let [text, position] = ['', start];
    for (const outer of inside.filter((each) => each.end <= end)) {
      // The text of a node includes what is inside of it.
      if (outer.start >= position) {
        const within = inside.filter((other) => other.start >= outer.start && other.end <= outer.end);
        const same = within.filter((other) => other.start === outer.start && other.end === outer.end);
        text += source.slice(position, outer.start) + choice(source, outer, same, write(outer.start, outer.end, within.slice(same.length)));
        position = outer.end;
      }
    }
    return text + source.slice(position, end);
  };
  return write(0, source.length, numbered);
}

/** Returns the text of a node that is the one of its mutants that is active, or `otherwise`. */
function choice(source: string, node: Numbered, mutants: readonly Numbered[], otherwise: string): string {
  const oneOf = (last: string) => mutants.map(({ test, text }) => `${test} ? (${text}) : `).join('') + last;
  switch (node.form) {
    case 'expression': return `(${oneOf(`(${otherwise})`)})`;
    case 'statement': return `{ if (${node.test}) {} else { ${otherwise} } }`;
    case 'member': return `${isOptional(source, node) ? '?.' : ''}[${node.test} ? '${node.text}' : '${node.original}']`;
    case 'key': return `[${oneOf(otherwise)}]`;
  }
}
