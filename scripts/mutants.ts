import * as ts from 'typescript';

/** One change of one file that some test has to notice. */
export interface Mutant {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly original: string;
  readonly replacement: string;
}

const OPERATORS: Readonly<Record<string, string>> = {
  '===': '!==', '!==': '===', '<': '<=', '<=': '<', '>': '>=', '>=': '>', '&&': '||', '||': '&&', '??': '&&', '+': '-', '-': '+', '*': '/', '/': '*',
};
const METHODS: Readonly<Record<string, string>> = { some: 'every', every: 'some', startsWith: 'endsWith', min: 'max', max: 'min' };

/** Returns every mutant of a source, in the order of the text. */
export function mutantsOf(source: string): readonly Mutant[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const replace = (node: ts.Node, replacement: string) => {
    const [start, end] = [node.getStart(file), node.getEnd()];
    mutants.push({ line: file.getLineAndCharacterOfPosition(start).line + 1, start, end, original: source.slice(start, end), replacement });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
      return;
    }
    mutate(node, replace);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutants;
}

function mutate(node: ts.Node, replace: (node: ts.Node, replacement: string) => void): void {
  if (ts.isBinaryExpression(node)) {
    const swapped = OPERATORS[node.operatorToken.getText()];
    // A text that is put together is no sum.
    const isText = node.operatorToken.kind === ts.SyntaxKind.PlusToken
      && [node.left, node.right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side));
    if (swapped !== undefined && !isText) {
      replace(node.operatorToken, swapped);
    }
  } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    replace(node, node.operand.getText());
  } else if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
    replace(node, node.kind === ts.SyntaxKind.TrueKeyword ? 'false' : 'true');
  } else if (ts.isNumericLiteral(node)) {
    replace(node, `(${node.text} + 1)`);
  } else if (ts.isIfStatement(node)) {
    replace(node.expression, 'true');
    replace(node.expression, 'false');
  } else if (ts.isConditionalExpression(node)) {
    replace(node.condition, 'true');
    replace(node.condition, 'false');
  } else if (ts.isExpressionStatement(node) && !ts.isStringLiteral(node.expression)) {
    replace(node, ';');
  } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { name } = node.expression;
    const swapped = METHODS[name.text];
    if (swapped !== undefined) {
      replace(name, swapped);
    }
    if (name.text === 'filter' && node.arguments[0]) {
      replace(node.arguments[0], '() => true');
    }
  }
}

/** Returns the source with one mutant in it. */
export function apply(source: string, { start, end, replacement }: Mutant): string {
  return source.slice(0, start) + replacement + source.slice(end);
}
