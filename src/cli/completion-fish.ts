import { type Completed, type CompletedFlag, programNames, type Values, valueFlags } from './completion.ts';

/** The script for fish 3. */
export function fishCompletion(known: Completed, header: readonly string[]): string {
  const { commands, common } = known;
  const [program, ...others] = programNames;
  const complete = (...words: readonly string[]): string => ['complete', '-c', program, ...words].join(' ');
  const lines = [
    complete('-e'),
    complete('-f'),
    ...commands.flatMap(({ names, describe }) =>
      names.map((name) =>
        complete('-n', '__efaktur_cloud_needs_command', '-a', name, '-d', quoted(describe)),
      ),
    ),
    ...common.map((flag) => complete(...flagWords(flag))),
    ...commands.flatMap(({ names, flags, values }) => {
      const within = quoted(`__efaktur_cloud_within ${names.join(' ')}`);
      const first = quoted(`__efaktur_cloud_first_within ${names.join(' ')}`);
      return [
        ...flags.map((flag) => complete('-n', within, ...flagWords(flag))),
        ...(values && values.words.length > 0
          ? [complete('-n', first, '-a', quoted(values.words.join(' ')))]
          : []),
      ];
    }),
    ...others.map((other) => `complete -c ${other} -w ${program}`),
  ];
  return `${header.map((line) => `# ${line}`).join('\n')}

# The command of the line, and each word behind it.
function __efaktur_cloud_words
    set -l isvalue 0
    set -l tokens (commandline -opc)
    for token in $tokens[2..]
        if test $isvalue = 1
            set isvalue 0
            continue
        end
        switch $token
            case ${valueFlags(known).join(' ')}
                set isvalue 1
            case '-*'
            case '*'
                echo $token
        end
    end
end

function __efaktur_cloud_needs_command
    not count (__efaktur_cloud_words) >/dev/null
end

function __efaktur_cloud_within
    set -l words (__efaktur_cloud_words)
    contains -- "$words[1]" $argv
end

function __efaktur_cloud_first_within
    set -l words (__efaktur_cloud_words)
    test (count $words) = 1; and contains -- $words[1] $argv
end

function __efaktur_cloud_profiles
    set -l folder ~/.config
    string match -q '/*' -- "$XDG_CONFIG_HOME"; and set folder $XDG_CONFIG_HOME
    test -e $folder/efaktur-cloud/.env; and echo default
    for file in $folder/efaktur-cloud/*.env
        set -l name (string replace -r '.*/' '' -- $file | string replace -r '\\.env$' '')
        contains -- (string lower -- "$name") common ''; or echo $name
    end
end

${lines.join('\n')}
`;
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

function flagWords({ names, describe, values, isOptional }: CompletedFlag): string[] {
  const named = names.flatMap((name) =>
    name.startsWith('--') ? ['-l', name.slice(2)] : ['-s', name.slice(1)],
  );
  return [...named, ...(values === null ? [] : valueWords(values, isOptional)), '-d', quoted(describe)];
}

function valueWords({ words, files, profiles }: Values, isOptional: boolean): string[] {
  const offered = profiles
    ? ['(__efaktur_cloud_profiles)']
    : files === 'folders'
      ? ['(__fish_complete_directories)']
      : words;
  return [
    ...(isOptional ? [] : [files === 'all' ? '-r' : '-x']),
    ...(files === 'all' ? ['-F'] : []),
    ...(offered.length > 0 ? ['-a', quoted(offered.join(' '))] : []),
  ];
}
