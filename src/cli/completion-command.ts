import { EfakturError } from '../base/errors.ts';
import type { Command, CommandResult, FreeInvocation } from './command.ts';
import { type Completed, completed } from './completion.ts';
import { bashCompletion } from './completion-bash.ts';
import { fishCompletion } from './completion-fish.ts';
import { powershellCompletion } from './completion-powershell.ts';
import { madeBy, nameShell, noSuchShell, orKeep } from './completion-texts.ts';
import { zshCompletion } from './completion-zsh.ts';

interface Shell {
  readonly name: string;
  readonly script: (known: Completed, header: readonly string[]) => string;
  /** What goes into the file that the shell reads when it starts. */
  readonly file: string;
  readonly line: string;
  /** In place of it: a command, and what then goes into that file, if anything. */
  readonly kept: readonly string[];
}

const shells: Readonly<Record<string, Shell>> = {
  bash: {
    name: 'bash',
    script: bashCompletion,
    file: '~/.bashrc',
    line: 'source <(efaktur-cloud completion bash)',
    kept: ['efaktur-cloud completion bash > ~/.local/share/bash-completion/completions/efaktur-cloud'],
  },
  zsh: {
    name: 'zsh',
    script: zshCompletion,
    file: '~/.zshrc',
    line: 'source <(efaktur-cloud completion zsh)',
    kept: ['efaktur-cloud completion zsh > "$fpath[1]/_efaktur-cloud"'],
  },
  fish: {
    name: 'fish',
    script: fishCompletion,
    file: '~/.config/fish/config.fish',
    line: 'efaktur-cloud completion fish | source',
    kept: ['efaktur-cloud completion fish > ~/.config/fish/completions/efaktur-cloud.fish'],
  },
  powershell: {
    name: 'PowerShell',
    script: powershellCompletion,
    file: '$PROFILE',
    line: 'efaktur-cloud completion powershell | Out-String | Invoke-Expression',
    kept: [
      'efaktur-cloud completion powershell > "$HOME\\efaktur-cloud.ps1"',
      '$PROFILE: . "$HOME\\efaktur-cloud.ps1"',
    ],
  },
};

export interface CompletionDocument {
  readonly shell: string;
  readonly script: string;
  readonly warnings: readonly [];
}

/** Prints the script for a shell. */
export async function runCompletion(
  { positionals, language, say, io }: FreeInvocation,
  commands: readonly Command[],
): Promise<CommandResult> {
  const [name, ...rest] = positionals;
  const shell =
    rest.length === 0 && name !== undefined && Object.hasOwn(shells, name) ? shells[name] : undefined;
  if (!shell || name === undefined)
    throw new EfakturError('usage', noSuchShell(name), nameShell(Object.keys(shells)));
  const header = [
    say(madeBy(io.version, shell.name)),
    `  ${shell.file}: ${shell.line}`,
    say(orKeep),
    ...shell.kept.map((line) => `  ${line}`),
  ];
  const script = shell.script(completed(commands, io.version, language), header);
  const document: CompletionDocument = { shell: name, script, warnings: [] };
  return { document, text: script.trimEnd() };
}
