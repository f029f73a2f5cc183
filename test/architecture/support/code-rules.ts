import ts from 'typescript';

/** A place that breaks a rule. */
export interface Finding {
  /** 1-based. */
  line: number;
  /** What stands there, and what to write in its place. */
  message: string;
}

type Rule = (node: ts.Node, path: string) => string | undefined;

const CODE = /\.(?:ts|tsx|js|mjs|cjs)$/;
const TEST_CODE = /\.spec\.ts$|^test\/|^libs\/[^/]+\/src\/testing\//;
/** The places that read a machine's clock; everything else is handed what they make. */
const CLOCKS = /^libs\/kernel\/src\/clock\.ts$|^apps\/console\/(?:.*\/)?clock\.(?:ts|js)$/;
const HASHING = /^(?:update|digest|hash|hmac|sha\d)|(?:Hash|Hmac|Digest|Sha\d+)$/;

/**
 * Reads one source file and names what the style bans. It reads the syntax and not the text, so that a comment or a
 * message may say the name of what is banned.
 */
export function bannedCode(path: string, text: string): Finding[] {
  if (!CODE.test(path)) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    for (const rule of RULES) {
      const message = rule(node, path);
      if (message === undefined) continue;
      findings.push({ line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, message });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

const ownTime: Rule = (node, path) => {
  if (CLOCKS.test(path)) return undefined;
  const readsNow =
    ts.isPropertyAccessExpression(node) && node.name.text === 'now' && lastName(node.expression) === 'Date';
  const makesNow = ts.isNewExpression(node) && lastName(node.expression) === 'Date' && !node.arguments?.length;
  const printsNow = ts.isCallExpression(node) && lastName(node.expression) === 'Date';
  return readsNow || makesNow || printsNow
    ? 'reads the machine’s time: take a Clock, or performance.now() for a duration'
    : undefined;
};

const ownChance: Rule = (node) =>
  ts.isPropertyAccessExpression(node) && node.name.text === 'random' && lastName(node.expression) === 'Math'
    ? 'draws its own chance: take an IdSource, or node:crypto for a secret'
    : undefined;

const eventBus: Rule = (node) => {
  const imported =
    ts.isImportSpecifier(node) && ['EventBus', 'EventPublisher'].includes((node.propertyName ?? node.name).text);
  const published =
    ts.isPropertyAccessExpression(node) &&
    ['publish', 'publishAll'].includes(node.name.text) &&
    /eventBus$/i.test(lastName(node.expression) ?? '');
  return imported || published ? 'uses the in-process EventBus, which loses events: append to the EventLog' : undefined;
};

const unstableHash: Rule = (node) => {
  if (!ts.isCallExpression(node) || !HASHING.test(lastName(node.expression) ?? '')) return undefined;
  return node.arguments.some((argument) => holdsStringify(argument, true))
    ? 'hashes JSON.stringify, which follows the order of insertion: hash canonicalJson'
    : undefined;
};

const uncheckedAppend: Rule = (node, path) => {
  if (TEST_CODE.test(path)) return undefined;
  if (!ts.isPropertyAssignment(node) && !ts.isVariableDeclaration(node)) return undefined;
  if (!/^expected(?:Revision)?$/.test(node.name.getText()) || node.initializer === undefined) return undefined;
  return holds(node.initializer, (part) => ts.isStringLiteralLike(part) && part.text === 'any')
    ? 'appends under `any`, where a retry is stored twice: state the revision, noStream or exists'
    : undefined;
};

const leftOutTest: Rule = (node) => {
  const marked =
    ts.isPropertyAccessExpression(node) &&
    ['skip', 'only', 'todo', 'failing'].includes(node.name.text) &&
    ['it', 'test', 'describe'].includes(lastName(node.expression) ?? '');
  // A function of ours may be called `fit`; a test has its name in front.
  const prefixed =
    ts.isCallExpression(node) &&
    ts.isIdentifier(node.expression) &&
    /^(?:[xf](?:it|describe)|xtest)$/.test(node.expression.text) &&
    node.arguments[0] !== undefined &&
    (ts.isStringLiteralLike(node.arguments[0]) || ts.isTemplateExpression(node.arguments[0]));
  return marked || prefixed ? 'leaves tests out: repair the test or delete it' : undefined;
};

const RULES: readonly Rule[] = [ownTime, ownChance, eventBus, unstableHash, uncheckedAppend, leftOutTest];

/** The name that an expression ends in: `Date` of `Date`, `globalThis.Date` and `globalThis['Date']`. */
function lastName(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return node.argumentExpression.text;
  }
  return undefined;
}

function holds(node: ts.Node, is: (part: ts.Node) => boolean): boolean {
  return is(node) || ts.forEachChild(node, (child) => holds(child, is) || undefined) === true;
}

/** Whether the text that goes into a hash is made by JSON.stringify, in place or in a constant of the same file. */
function holdsStringify(node: ts.Node, followNames: boolean): boolean {
  return holds(node, (part) => {
    if (ts.isCallExpression(part) && part.expression.getText() === 'JSON.stringify') return true;
    if (!followNames || !ts.isIdentifier(part)) return false;
    return declarations(part).some((initializer) => holdsStringify(initializer, false));
  });
}

function declarations(name: ts.Identifier): ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name.text && node.initializer) {
      found.push(node.initializer);
    }
    ts.forEachChild(node, visit);
  };
  visit(name.getSourceFile());
  return found;
}
