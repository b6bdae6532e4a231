import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Language, type Node, Parser } from 'web-tree-sitter';
import { commands } from '../../src/cli/commands.ts';
import { commonFlags } from '../../src/cli/flags.ts';
import { policyRoles } from '../../src/sync/policies.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, makeWorld, runHere } from '../support/cli.ts';
import { type ShellName, told, typedIn } from '../support/shells.ts';

const run = promisify(execFile);

/** Of a shell that is named as the user names it. */
async function scriptFor(shell: string, language = 'en'): Promise<string> {
  const { code, stdout, stderr } = await runHere(['completion', shell, '--lang', language]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

/** Profiles and files to complete; a name that a shell would run must stay a name. */
async function place(): Promise<{ cwd: string; folder: string; env: Record<string, string> }> {
  const folder = await tempFolder();
  const cwd = join(folder, 'here');
  const config = join(folder, 'config', 'efaktur-cloud');
  await mkdir(join(cwd, 'Data Pajak'), { recursive: true });
  await mkdir(config, { recursive: true });
  await writeFile(join(cwd, 'Data.csv'), '');
  for (const name of ['.env', 'Common.env', 'toko.env', 'cv jaya & co.env', '$(touch run).env'])
    await writeFile(join(config, name), '');
  return { cwd, folder, env: { XDG_CONFIG_HOME: join(folder, 'config') } };
}

/** What is typed, and what must come of it. */
const typed: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['efaktur-cloud stat\t--max-a\t4', ['status', '--max-age=4']],
  ['efaktur-cloud ba\t--sourc\tlive', ['backup', '--source=live']],
  ['efaktur-cloud push --source li\t', ['push', '--source', 'live']],
  ['efaktur-cloud push --source=au\t', ['push', '--source=auto']],
  ['efaktur-cloud --lang id ke\tne\t', ['--lang', 'id', 'keys', 'new']],
  ['efaktur-cloud --lang=i\tlist', ['--lang=id', 'list']],
  [
    'efaktur-cloud --store "s3://x/y?region=a" --store s3://x:1/y doct\t',
    ['--store', 's3://x/y?region=a', '--store', 's3://x:1/y', 'doctor'],
  ],
  ['efaktur-cloud doctor --print-policy ver\t', ['doctor', '--print-policy', 'verify']],
  // A word that is no command, and a folder where only a folder can be meant.
  ['efaktur-cloud find push --fir\t', ['find', 'push', '--first']],
  ['efaktur-cloud pull --to Dat\t', ['pull', '--to', 'Data Pajak/']],
  ['efaktur-cloud keys new --sheet Data.\t', ['keys', 'new', '--sheet', 'Data.csv']],
  ['efaktur-cloud copy --from-settings=Data.\t', ['copy', '--from-settings=Data.csv']],
  ['efaktur-cloud --profile to\tlist', ['--profile', 'toko', 'list']],
  ['efaktur-cloud --profile cv\tlist', ['--profile', 'cv jaya & co', 'list']],
  ['efaktur-cloud --profile def\tlist', ['--profile', 'default', 'list']],
  ['efaktur-cloud --profile \\$\tlist', ['--profile', '$(touch run)', 'list']],
  ['efaktur-cloud completion powe\t', ['completion', 'powershell']],
  ['efaktur-cloud help prune-\t', ['help', 'prune-local']],
];

/** Zsh puts `=` between a flag and its value, and takes the last `/` of a folder away again. */
const withEquals = (words: readonly string[]): string =>
  words
    .join(' ')
    .replace(/(--[a-z-]+)[ =]/g, '$1=')
    .replace(/\/$/, '');

test.each<ShellName>(['bash', 'zsh', 'fish'])('%s completes what is typed', async (shell) => {
  const { cwd, folder, env } = await place();
  const lines = typed.map(([line]) => line);
  const script = await scriptFor(shell);
  const { calls } = await typedIn({ shell, script, folder, cwd, env, lines });
  expect(calls.map(withEquals)).toEqual(typed.map(([, words]) => withEquals(words)));
  await expect(readFile(join(cwd, 'run'))).rejects.toThrow('ENOENT');
});

/** All flags of a command with its common ones, as they are typed. */
const flagsOf = (name: string): string[] =>
  Object.entries({ ...commonFlags, ...commands.find((c) => c.name === name)?.flags })
    .flatMap(([flag, { alias }]) => [flag, ...(alias !== undefined && alias.length > 1 ? [alias] : [])])
    .map((flag) => `--${flag}`)
    .concat('--help', '--version')
    .sort();
const names = commands.flatMap(({ name, aliases }) => [name, ...aliases]);

test('bash knows every command and each of its flags', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'script'), await scriptFor('bash'));
  const offered = async (...words: readonly string[]): Promise<string[]> => {
    const ask = `source ./script; COMP_WORDS=(efaktur-cloud "$@"); COMP_CWORD=$#; _efaktur_cloud; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['-c', ask, 'bash', ...words], { cwd: folder });
    return stdout.trim().split('\n').sort();
  };
  expect(await offered('')).toEqual([...names, 'help'].sort());
  for (const { name, aliases } of commands)
    for (const one of [name, ...aliases]) expect(await offered(one, '--')).toEqual(flagsOf(name));
});

test('fish knows every command, each of its flags and what they mean', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'script'), await scriptFor('fish', 'id'));
  const lines = ['', ...names.map((name) => `${name} --`)];
  const asked = lines.map((line) => `echo '== ${line}'; complete -C 'efaktur-cloud ${line}'`);
  await writeFile(join(folder, 'ask'), ['source ./script', ...asked].join('\n'));
  const { stdout } = await run('fish', ['--no-config', 'ask'], { cwd: folder });
  const [all = [], ...each] = stdout
    .split(/^== .*\n/m)
    .slice(1)
    .map((part) => part.trim().split('\n'));
  expect(all.map((line) => line.split('\t')[0]).sort()).toEqual([...names, 'help'].sort());
  expect(all).toContain('list\ttampilkan cadangan yang tersimpan, yang terbaru paling bawah');
  for (const [i, name] of names.entries()) {
    const command = commands.find((c) => [c.name, ...c.aliases].includes(name));
    const flags = each[i]?.map((line) => line.split('\t')[0]).sort();
    expect(flags, name).toEqual(flagsOf(command?.name ?? ''));
    for (const [flag, { describe }] of Object.entries(command?.flags ?? {}))
      expect(each[i]).toContain(`--${flag}\t${describe.id}`);
  }
});

test('zsh knows every command and each of its flags', async () => {
  const { cwd, folder, env } = await place();
  const script = await scriptFor('zsh');
  // Ctrl-U takes the line away that only lists.
  const lines = commands.map(({ name }) => `efaktur-cloud ${name} --\t\x15efaktur-cloud ${name}`);
  const wide = 'stty cols 250 rows 200; LISTMAX=0; efaktur-cloud wide';
  const { screen } = await typedIn({ shell: 'zsh', script, folder, cwd, env, lines: [wide, ...lines] });
  const shown = screen.split(told).slice(2);
  for (const [i, { name }] of commands.entries())
    for (const flag of flagsOf(name)) expect(shown[i], `${name} ${flag}`).toContain(flag);
});

/** What the parser did not understand. */
function* errorsIn(node: Node): Generator<string> {
  if (node.isError || node.isMissing) yield `${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`;
  for (const child of node.children) if (child !== null) yield* errorsIn(child);
}

test('PowerShell is given a script of its own language, in ASCII, with every command and flag', async () => {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve('tree-sitter-powershell/package.json');
  const parser = new Parser();
  parser.setLanguage(await Language.load(join(grammar, '..', 'tree-sitter-powershell.wasm')));
  const problems = (script: string): string[] => {
    const tree = parser.parse(script);
    return tree === null ? ['no tree'] : [...errorsIn(tree.rootNode)];
  };
  expect(problems('if ($a) { @(1, ) ')).not.toEqual([]);
  for (const language of ['en', 'id'] as const) {
    const script = await scriptFor('powershell', language);
    expect(problems(script)).toEqual([]);
    expect(script).toMatch(/^[ -~\n]+$/);
    // What is no ASCII would stand there as `?`.
    const described = commands.flatMap((c) => [c.describe, ...Object.values(c.flags).map((f) => f.describe)]);
    for (const text of described) {
      const plain = text[language].replaceAll('…', '...').replaceAll("'", "''");
      expect(plain).toMatch(/^[ -~]+$/);
      expect(script).toContain(`'${plain}'`);
    }
    for (const name of names)
      expect(script).toMatch(new RegExp(`,@\\('command', '(?:\\w+ )?${name}(?: \\w+)?', `));
    for (const { name } of commands) for (const flag of flagsOf(name)) expect(script).toContain(flag);
    expect(script).toContain(`'${policyRoles.join(' ')}')`);
  }
});

test('words of the program hold nothing that a shell would take for its own', () => {
  const words = commands.flatMap(({ name, aliases, flags }) => [name, ...aliases, ...Object.keys(flags)]);
  for (const word of words) expect(word).toMatch(/^[a-z][a-z-]*$/);
});

test('the script needs no settings, and is asked for by the name of a shell', async () => {
  const world = await makeWorld(null);
  const env = { ...world.env, EFAKTUR_STROE: 'x', EFAKTUR_TIMEZONE: 'Nowhere/None' };
  const broken = await runHere(['completion', 'bash'], { env, cwd: world.folder });
  expect(broken.stderr).toBe('');
  expect(broken.stdout).toBe(await scriptFor('bash'));
  expect((await runHere(['list'], { env, cwd: world.folder })).code).toBe(2);
  for (const words of [
    ['completion'],
    ['completion', 'tcsh'],
    ['completion', 'bash', 'zsh'],
    ['completion', 'toString'],
  ]) {
    const wrong = await runHere([...words, '--json']);
    expect(wrong.code).toBe(2);
    expect(errorOf(wrong).hint).toBe('Write one of bash, zsh, fish, powershell.');
  }
});
