import ts from 'typescript';

/** Where the codes themselves stand, and where they are told apart or documented: not where one is answered. */
const ABOUT_CODES = /^libs\/contracts\/src\/errors\/|^libs\/http\/src\/openapi\//;
const SOURCE = /^(?:apps|libs)\/.+\.ts$/;
const TEST_CODE = /\.spec\.ts$|^libs\/[^/]+\/src\/testing\//;

/** Whether errors are answered from this file, so that a code in it is a code in use. */
export function isAnswering(path: string): boolean {
  return SOURCE.test(path) && !TEST_CODE.test(path) && !ABOUT_CODES.test(path);
}

/** Every string that stands in the code of a file (not in its comments). */
export function stringsIn(text: string): Set<string> {
  const found = new Set<string>();
  visit(parse(text), (node) => {
    if (ts.isStringLiteralLike(node)) found.add(node.text);
  });
  return found;
}

/** The codes that a file names where only a code can stand: in `refuse`, `refuseField` and `@ApiResponses`. */
export function namedCodes(text: string): string[] {
  const found: string[] = [];
  visit(parse(text), (node) => {
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return;
    const places = CODE_ARGUMENTS[node.expression.text];
    const codes = places === undefined ? [] : node.arguments.slice(...places).filter(ts.isStringLiteralLike);
    found.push(...codes.map((code) => code.text));
  });
  return found;
}

const CODE_ARGUMENTS: Readonly<Record<string, [from: number, to?: number]>> = {
  refuse: [0, 1],
  refuseField: [2, 3],
  ApiResponses: [0],
};

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('source.ts', text, ts.ScriptTarget.ES2022, true);
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}
