import { type Completed, type CompletedFlag, programNames, type Values, valueFlags } from './completion.ts';

/**
 * The script for Windows PowerShell 5.1 and PowerShell 7, in ASCII: the older one reads what a program prints, and a file without a
 * mark, in the code page of the PC. Where it offers nothing, PowerShell completes files.
 */
export function powershellCompletion(known: Completed, header: readonly string[]): string {
  const { commands, common } = known;
  const row = (kind: string, names: readonly string[], describe: string, values: Values | null): string =>
    `    ,@(${[kind, names.join(' '), describe, valueWords(values)].map(quoted).join(', ')})`;
  const flagRow = ({ names, describe, values }: CompletedFlag): string =>
    row('flag', names, describe, values);
  const rows = [
    ...common.map(flagRow),
    ...commands.flatMap(({ names, describe, flags, values }) => [
      row('command', names, describe, values),
      ...flags.map(flagRow),
    ]),
  ];
  return asAscii(`${header.map((line) => `# ${line}`).join('\n')}

Register-ArgumentCompleter -Native -CommandName ${programNames.map(quoted).join(', ')} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  # Each command with its flags below it, those of every command first: kind, names, description, values.
  $rows = @(
${rows.join('\n')}
  )
  $valueFlags = @(${valueFlags(known).map(quoted).join(', ')})
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.Extent.Text })
  if ($wordToComplete -ne '' -and $words.Count -gt 0) { $words = @($words | Select-Object -First ($words.Count - 1)) }
  $command = ''
  $flag = ''
  $count = 0
  foreach ($word in $words) {
    if ($word.StartsWith('-')) {
      if ($valueFlags -ccontains $word) { $flag = $word } else { $flag = '' }
    } elseif ($flag -ne '') {
      $flag = ''
    } elseif ($command -eq '') {
      $command = $word
    } else {
      $count++
    }
  }
  $typed = $wordToComplete
  $before = ''
  if ($typed -match '^(--[a-z-]+)=(.*)$') {
    $flag = $Matches[1]
    $before = "$flag="
    $typed = $Matches[2]
  }
  $offered = @()
  $values = ''
  $isWithin = $true
  foreach ($row in $rows) {
    $names = $row[1].Split(' ')
    if ($row[0] -eq 'command') {
      $isWithin = $names -ccontains $command
      if ($command -eq '' -and $flag -eq '' -and -not $typed.StartsWith('-')) {
        foreach ($name in $names) { $offered += ,@($name, $row[2]) }
      } elseif ($isWithin -and $flag -eq '' -and $count -eq 0 -and -not $typed.StartsWith('-')) {
        $values = $row[3]
      }
    } elseif ($isWithin -and $flag -eq '' -and $typed.StartsWith('-')) {
      foreach ($name in $names) { $offered += ,@($name, $row[2]) }
    } elseif ($isWithin -and $names -ccontains $flag) {
      $values = $row[3]
    }
  }
  if ($values -eq '(profiles)') {
    $folder = if ($env:APPDATA) { $env:APPDATA } elseif ("$env:XDG_CONFIG_HOME".StartsWith('/')) { $env:XDG_CONFIG_HOME } else { "$HOME/.config" }
    $files = @(Get-ChildItem -Force -File -Path "$folder/efaktur-cloud" -Filter '*.env' -ErrorAction SilentlyContinue)
    foreach ($file in $files) {
      $name = $file.Name.Substring(0, $file.Name.Length - 4)
      if ($name -eq '') { $name = 'default' }
      if ($name -ne 'common') { $offered += ,@($name, $file.FullName) }
    }
  } elseif ($values -ne '') {
    foreach ($name in $values.Split(' ')) { $offered += ,@($name, $name) }
  }
  foreach ($one in $offered) {
    if (-not $one[0].StartsWith($typed)) { continue }
    $text = $before + $one[0]
    if ($text -notmatch '^[\\w./:=+-]+$') { $text = "'" + $text.Replace("'", "''") + "'" }
    [System.Management.Automation.CompletionResult]::new($text, $one[0], 'ParameterValue', $one[1])
  }
}
`);
}

const valueWords = (values: Values | null): string =>
  values === null ? '' : values.profiles ? '(profiles)' : values.words.join(' ');

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const asAscii = (text: string): string =>
  text
    .replaceAll('…', '...')
    .replaceAll(/[–—]/g, '-')
    .replaceAll(/[^ -~\n]/g, '?');
