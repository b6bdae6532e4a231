import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node, Program } from '@oxc-project/types';
import { parseAst } from 'rolldown/parseAst';
import { describe, expect, test } from 'vitest';
import { wrongWords } from './support/glossary.ts';

/* Every text that a person reads stands in both languages in the `texts.ts` of its room (or `NAME-texts.ts`, where one grew long). */

/** What every text is made of. */
const partsOfTexts = ['base/phrases.ts', 'base/text.ts'];

/** What machines read, or what only a programmer meets: file -> texts, each with `…` for a value in it. */
const noTexts: Readonly<Record<string, readonly string[]>> = {
  'app/workplace.ts': ['efaktur-cloud …'],
  'base/atomic-file.ts': ['Unknown system error -122'],
  'base/product.ts': ['eFaktur Cloud'],
  'catalog/stock-tools.ts': [
    'age -d -i key.txt -o ….tar.zst …',
    'mkdir full',
    'powershell -ExecutionPolicy Bypass -File differential\restore.ps1 full',
    'python3 differential/restore.py full',
    'tar xf ….tar',
    'tar xf differential.tar',
    'tar xf full.tar -C full',
  ],
  'cli/completion-command.ts': [
    'efaktur-cloud completion bash > ~/.local/share/bash-completion/completions/efaktur-cloud',
    'efaktur-cloud completion fish > ~/.config/fish/completions/efaktur-cloud.fish',
    'efaktur-cloud completion fish | source',
    'efaktur-cloud completion powershell > "$HOME\\efaktur-cloud.ps1"',
    'efaktur-cloud completion powershell | Out-String | Invoke-Expression',
    'efaktur-cloud completion zsh > "$fpath[1]/_efaktur-cloud"',
    '$PROFILE: . "$HOME\\efaktur-cloud.ps1"',
    'source <(efaktur-cloud completion bash)',
    'source <(efaktur-cloud completion zsh)',
  ],
  // What monitoring reads; two files in two languages would contradict each other.
  'cli/fleet-metrics.ts': [
    '# HELP … …',
    '# TYPE … gauge',
    'Backups that are damaged or lack their archive.',
    'Backups that are listed.',
    'Computers that have written to this prefix, one after the other or together.',
    'Objects that somebody overwrote or deleted, where the store keeps versions and the key may list them.',
    'Prefixes that hold something of efaktur-cloud.',
    'Size of all that lies below this prefix and is of efaktur-cloud.',
    'Size of the newest full archive.',
    'What somebody must act on, by its code, as in the JSON of efaktur-cloud status --fleet; how many.',
    'When any backup of this prefix was last read back and found sound.',
    'When the newest backup was captured.',
    'When the store got the newest backup.',
    'When the store was last looked at.',
    'Whether somebody must act on this prefix: 1 or 0.',
    'Whether the store could be listed: 1 or 0.',
  ],
  'crypto/identity-file.ts': [
    '# created: …\n# public key: …\n…\n',
    '-----BEGIN AGE ENCRYPTED FILE-----',
    '-----END AGE ENCRYPTED FILE-----',
  ],
  'crypto/identity-text.ts': ['RECOVERY SHEET of efaktur-cloud'],
  'derby/catalog.ts': ['LONG VARCHAR', 'NOT NULL'],
  'derby/service-properties.ts': ['#--- last line'],
  'derby/values.ts': [
    'CHAR () FOR BIT DATA',
    'LONG VARCHAR',
    'LONG VARCHAR FOR BIT DATA',
    'VARCHAR () FOR BIT DATA',
  ],
  'efaktur/app-folder.ts': ['Direktorat Jenderal Pajak', '…:\\Direktorat Jenderal Pajak'],
  'efaktur/windows-folders.ts': [
    'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\User Shell Folders',
  ],
  'inspect/export-tables.ts': [
    'UTF-8, RFC 4180, first line names; null is an empty field (NULL without quotes where there is one column only) and an empty text is ""; decimals as stored, dates ISO 8601, bytes hex',
  ],
  'inspect/terms.ts': ['BIT DATA'],
  'leave.ts': ['exit …'],
  'store/providers.ts': [
    'Akamai (Linode) Object Storage',
    'Alibaba Cloud OSS',
    'Biznet Gio NEO Object Storage',
    'CloudKilat Kilat Storage',
    'DigitalOcean Spaces',
    'Google Cloud Storage',
    'Huawei Cloud OBS',
    'IDCloudHost IS3',
    'Neva Objects',
    'OVHcloud Object Storage',
    'Tencent Cloud COS',
  ],
  'notify/presets.ts': ['Bearer …'],
  'notify/targets.ts': ['Basic …'],
  'notify/template.ts': ['application/xml; charset=utf-8', 'text/plain; charset=utf-8'],
  'schedule/crontab.ts': [
    '# begin efaktur-cloud schedule (made, changed and removed by: efaktur-cloud schedule)',
    '# end efaktur-cloud schedule',
    '# installed …',
    '@reboot sleep …; …',
  ],
  'schedule/launchd.ts': [
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
  ],
  'schedule/startup.ts': ['Start Menu'],
  'schedule/systemd.ts': ['# Made by: efaktur-cloud schedule install'],
  'schedule/task-xml.ts': ['efaktur-cloud schedule install, status, remove'],
  'schedule/unseen-settings.ts': ['HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment'],
  'schedule/windows-events.ts': ["(Provider[@Name='…'] and EventID=…)"],
  'store/s3-credentials.ts': ['no credentials', 'no keys for the role', 'no web identity', 'not asked'],
  'sync/copy/object.ts': ['other bytes than promised'],
};

/** Functions of `texts.ts` whose arguments need not stand in both languages, as a plural of English alone: `FILE NAME`. */
const unequal: readonly string[] = [];

const root = join(import.meta.dirname, '../src');
const files = (await readdir(root, { recursive: true }))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/'))
  .sort();
const sources = new Map<string, { readonly source: string; readonly tree: Program }>();
for (const file of files) {
  const source = await readFile(join(root, file), 'utf8');
  sources.set(file, { source, tree: parseAst(source, { lang: 'ts' }) });
}

/** Programs in the language of a shell. */
const isScript = (file: string): boolean => /^cli\/completion-(?:bash|fish|powershell|zsh)\.ts$/.test(file);
const isTexts = (file: string): boolean => /(?:^|[/-])texts\.ts$/.test(file);
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

function* children(node: Node): Generator<Node> {
  for (const value of Object.values(node))
    for (const one of Array.isArray(value) ? value : [value]) if (isNode(one)) yield one;
}

/** Each node below, but for what `passOver` says. */
function* below(node: Node, passOver: (node: Node) => boolean = () => false): Generator<Node> {
  if (passOver(node)) return;
  yield node;
  for (const child of children(node)) yield* below(child, passOver);
}

/** A literal as one text, with `…` for each value in it. */
function literalText(node: Node): string | null {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : null;
  if (node.type !== 'TemplateLiteral') return null;
  return node.quasis.map((quasi) => quasi.value.cooked ?? '').join('…');
}

/** Imports and types are no values; `new Error(…)` of JavaScript's own kinds is met by programmers alone. */
const isNoText = (node: Node): boolean =>
  node.type.startsWith('Import') ||
  node.type.startsWith('TSLiteralType') ||
  node.type.startsWith('TSTemplateLiteral') ||
  (node.type === 'NewExpression' &&
    node.callee.type === 'Identifier' &&
    ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'Worker', 'URL'].includes(node.callee.name));

/** Tags of XML: what stands between them may still be said. */
const tag = /<[?/]?[\w:]+(?: [\w:]+="[^"]*")*[?/]?>/g;

const looksSaid = (literal: string): boolean => {
  const text = literal.replace(tag, '');
  return /(?:\p{L}{2,}|…)[,.:;]? +(?:\p{L}{2,}|…)/u.test(text) && /\p{L}{2,}/u.test(text);
};

/** A template around `error.message`, which is English whatever is around it: `error.text` is the pair. */
const holdsMessage = (node: Node): boolean =>
  node.type === 'TemplateLiteral' &&
  node.expressions.some(
    (one) =>
      one.type === 'MemberExpression' &&
      one.property.type === 'Identifier' &&
      one.property.name === 'message',
  );

test('no text is written outside of the texts of its room', () => {
  const found: string[] = [];
  for (const [file, { tree }] of sources) {
    if (isTexts(file) || isScript(file) || partsOfTexts.includes(file)) continue;
    const allowed = noTexts[file] ?? [];
    for (const node of below(tree, isNoText)) {
      const text = literalText(node);
      if (text !== null && looksSaid(text) && !allowed.includes(text)) found.push(`${file}: ${text}`);
      if (holdsMessage(node)) found.push(`${file}: the English of an error in ${text}`);
    }
  }
  expect(found).toEqual([]);
});

/** What is called the same in both languages, and so may stand in `verbatim` or in what `inBoth` makes: the command of that name. */
const sameInBoth = ['diff'];

/** No name, flag or code: those begin with a capital or a dash. */
const word = /(?<![\p{L}-])\p{Ll}{2,}/u;

/** What is compared with, and what another call makes words of. */
const isNoWord = (node: Node): boolean =>
  (node.type === 'BinaryExpression' && node.operator !== '+') ||
  (node.type === 'CallExpression' && node.callee.type === 'Identifier');

/** Words that are said in both languages alike, though only what is no word of a language is. */
function alikeIn(file: string, tree: Program): string[] {
  return [...below(tree)].flatMap((node) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return [];
    const { name } = node.callee;
    if (name !== 'verbatim' && name !== 'inBoth') return [];
    return node.arguments.flatMap((argument) =>
      [...below(argument, isNoWord)].flatMap((one) => {
        const text = literalText(one) ?? '';
        // In `texts.ts` the words of one language may stand where the other's follow: `language === 'en' ? … : …`.
        const isSaid =
          isTexts(file) || partsOfTexts.includes(file)
            ? name === 'verbatim' && looksSaid(text)
            : word.test(text) && !sameInBoth.includes(text);
        return isSaid ? [`${file}: ${text}`] : [];
      }),
    );
  });
}

test('no word is said in both languages alike', () => {
  expect([...sources].flatMap(([file, { tree }]) => alikeIn(file, tree))).toEqual([]);
  const broken = parseAst('say(verbatim("none")); say(inBoth((l) => "in " + a[l])); verbatim("--to");', {
    lang: 'ts',
  });
  expect(alikeIn('a.ts', broken)).toEqual(['a.ts: none', 'a.ts: in ']);
});

test('what is listed as no text is there', () => {
  const listed = Object.entries(noTexts).flatMap(([file, texts]) => texts.map((text) => ({ file, text })));
  const gone = listed.filter(({ file, text }) => {
    const tree = sources.get(file)?.tree;
    return !tree || ![...below(tree)].some((node) => literalText(node) === text);
  });
  expect(gone).toEqual([]);
});

const namesIn = (node: Node): Set<string> =>
  new Set([...below(node)].flatMap((one) => (one.type === 'Identifier' ? [one.name] : [])));

/** `{ en, id }`, wherever it stands. */
function pairIn(node: Node): { readonly en: Node; readonly id: Node } | null {
  if (node.type !== 'ObjectExpression') return null;
  const values = new Map<string, Node>();
  for (const property of node.properties)
    if (property.type === 'Property' && property.key.type === 'Identifier')
      values.set(property.key.name, property.value);
  const [en, id] = [values.get('en'), values.get('id')];
  return en && id ? { en, id } : null;
}

/** What a function's arguments are called, with the names of what is made of each. */
function argumentsOf(node: Node): Map<string, Set<string>> {
  const named = new Map<string, Set<string>>();
  if (node.type !== 'ArrowFunctionExpression' && node.type !== 'FunctionDeclaration') return named;
  for (const parameter of node.params)
    for (const one of below(parameter as Node, (n) => n.type.startsWith('TS')))
      if (one.type === 'Identifier') named.set(one.name, new Set([one.name]));
  for (const one of below(node))
    if (one.type === 'VariableDeclarator' && one.init)
      for (const known of named.values())
        if ([...namesIn(one.init)].some((name) => known.has(name)))
          for (const name of namesIn(one.id)) known.add(name);
  return named;
}

/** Functions in `texts.ts` that say an argument in one language alone. */
function unequalIn(file: string, tree: Program): string[] {
  const found: string[] = [];
  for (const declarator of below(tree)) {
    const [name, body] =
      declarator.type === 'VariableDeclarator' && declarator.id.type === 'Identifier'
        ? [declarator.id.name, declarator.init]
        : declarator.type === 'FunctionDeclaration'
          ? [declarator.id?.name ?? '', declarator as Node]
          : ['', null];
    if (!body) continue;
    const pairs = [...below(body as Node)].flatMap((node) => pairIn(node) ?? []);
    for (const [argument, names] of argumentsOf(body as Node)) {
      const [en, id] = (['en', 'id'] as const).map((language) =>
        pairs.some((pair) => [...namesIn(pair[language])].some((one) => names.has(one))),
      );
      if (en !== id && !unequal.includes(`${file} ${name}`))
        found.push(`${file} ${name}: ${argument} is said in one language alone`);
    }
  }
  return found;
}

/** Texts that stand whole in a template, where only one language of each can: they would be `[object Object]`. */
function wholeIn(file: string, tree: Program): string[] {
  const texts = new Set<string>();
  for (const node of below(tree)) {
    if (node.type === 'Identifier' && node.typeAnnotation) {
      const annotation = node.typeAnnotation.typeAnnotation;
      const name =
        annotation.type === 'TSTypeReference' && annotation.typeName.type === 'Identifier'
          ? annotation.typeName.name
          : '';
      if (name === 'Text') texts.add(`${node.name} ${scopeOf(tree, node)}`);
    }
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier') {
      const { init } = node;
      const called =
        init?.type === 'CallExpression' && init.callee.type === 'Identifier' ? init.callee.name : '';
      if (makers.includes(called)) texts.add(`${node.id.name} ${scopeOf(tree, node)}`);
    }
  }
  return [...below(tree)].flatMap((node) =>
    node.type === 'TemplateLiteral'
      ? node.expressions.flatMap((one) => {
          const isWhole =
            (one.type === 'Identifier' && texts.has(`${one.name} ${scopeOf(tree, one)}`)) ||
            (one.type === 'CallExpression' &&
              one.callee.type === 'Identifier' &&
              makers.includes(one.callee.name));
          return isWhole ? [`${file}: ${literalText(node)}`] : [];
        })
      : [],
  );
}

const makers = [
  'bytes',
  'count',
  'counted',
  'day',
  'duration',
  'inBoth',
  'joined',
  'listed',
  'moment',
  'number',
  'verbatim',
];

/** Where the statement at the top of the file begins that a node is part of. */
const scopeOf = (tree: Program, node: Node): number =>
  tree.body.findLast((statement) => statement.start <= node.start)?.start ?? 0;

describe('texts.ts', () => {
  const texts = [...sources].filter(([file]) => isTexts(file));

  test('each argument of a text is said in both languages', () => {
    expect(texts.flatMap(([file, { tree }]) => unequalIn(file, tree))).toEqual([]);
    const broken = parseAst('const a = (url: string, n: number) => ({ en: url + n, id: String(n) });', {
      lang: 'ts',
    });
    expect(unequalIn('broken.ts', broken)).toEqual(['broken.ts a: url is said in one language alone']);
  });

  test('no text stands whole in a template', () => {
    expect(texts.flatMap(([file, { tree }]) => wholeIn(file, tree))).toEqual([]);
    const source =
      'const a = (x: Text, n: number) => { const c = count(n, y); return inBoth(() => `Q{x}Q{c}`); };';
    expect(wholeIn('broken.ts', parseAst(source.replaceAll('Q', '$'), { lang: 'ts' }))).toHaveLength(2);
  });

  test('no English stands for Indonesian', () => {
    const same = texts.flatMap(([file, { tree }]) =>
      [...below(tree)].flatMap((node) => {
        const pair = pairIn(node);
        const text = pair ? literalText(pair.en) : null;
        return pair && text !== null && word.test(text) && literalText(pair.id) === text
          ? [`${file}: ${text}`]
          : [];
      }),
    );
    expect(same).toEqual([]);
  });

  test('each text is used', () => {
    const unused = texts.flatMap(([file, { source }]) =>
      [...source.matchAll(/^export (?:const|function) (\w+)/gm)].flatMap(([, name = '']) => {
        const word = new RegExp(`\\b${name}\\b`, 'g');
        const isUsed = [...sources].some(([other, one]) =>
          other === file ? (one.source.match(word)?.length ?? 0) > 1 : word.test(one.source),
        );
        return isUsed ? [] : [`${file} ${name}`];
      }),
    );
    expect(unused).toEqual([]);
  });

  test('the words are those of the glossary', () => {
    const wrong = texts.flatMap(([file, { tree }]) =>
      [...below(tree)].flatMap((node) => {
        const pair = pairIn(node);
        if (!pair) return [];
        return (['en', 'id'] as const).flatMap((language) =>
          [...below(pair[language])].flatMap((one) => {
            const word = wrongWords[language].exec(literalText(one) ?? '')?.[0];
            return word === undefined ? [] : [`${file}: ${word} in ${literalText(one)}`];
          }),
        );
      }),
    );
    expect(wrong).toEqual([]);
  });
});
