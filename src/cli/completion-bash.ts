import { type Completed, type CompletedFlag, programNames, type Values, valueFlags } from './completion.ts';

/* What bash cannot know of the program's words: they hold neither quotes nor patterns of a shell (a test says so). */

/** The script for bash 3.2 and later. Bash shows words alone, no descriptions. */
export function bashCompletion(known: Completed, header: readonly string[]): string {
  const { commands, common } = known;
  const flagNames = (flags: readonly CompletedFlag[]): string =>
    flags.flatMap(({ names }) => names).join(' ');
  const flagsOf = commands.map(
    ({ names, flags }) => `    ${names.join('|')}) flags='${flagNames(flags)}' ;;`,
  );
  const valuesOf = [
    ...commands.flatMap(({ names, flags, values }) => [
      ...flags.flatMap((flag) => valueCase(names, flag.names, flag.values)),
      ...valueCase(names, [''], values),
    ]),
    ...common.flatMap((flag) => valueCase(['*'], flag.names, flag.values)),
  ];
  return `${header.map((line) => `# ${line}`).join('\n')}

__efaktur_cloud_values() {
  case $1:$2 in
${valuesOf.join('\n')}
  esac
}

__efaktur_cloud_profiles() {
  local folder file
  case $OSTYPE in
    msys* | cygwin*) folder=$APPDATA ;;
    *) case $XDG_CONFIG_HOME in /*) folder=$XDG_CONFIG_HOME ;; *) folder=$HOME/.config ;; esac ;;
  esac
  [[ -e $folder/efaktur-cloud/.env ]] && words+=(default)
  for file in "$folder"/efaktur-cloud/*.env; do
    file=\${file##*/}
    file=\${file%.env}
    [[ $file == '*' || $file == [Cc][Oo][Mm][Mm][Oo][Nn] ]] || words+=("$file")
  done
}

_efaktur_cloud() {
  local i=1 word='' last='' flag='' command='' count=0 glued='' cur prefix='' quoted flags='' files='none'
  local words=() IFS=$' \\t\\n'
  COMPREPLY=()
  # Bash takes = and : for words of their own.
  for ((; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $glued && $word != [:=]* ]]; then
      glued=''
      continue
    fi
    case $word in
      =*) if [[ -n $last ]]; then flag=$last; else glued=1; fi ;;
      :*) glued=1 ;;
      ${valueFlags(known).join(' | ')}) last=$word flag=$word ;;
      -*) last=$word flag='' ;;
      *)
        if [[ -n $flag ]]; then flag=''
        elif [[ -z $command ]]; then command=$word
        else count=$((count + 1)); fi
        last=''
        ;;
    esac
  done
  cur=\${COMP_WORDS[COMP_CWORD]}
  if [[ $cur == --*=* ]]; then
    flag=\${cur%%=*} prefix=\${cur%%=*}= cur=\${cur#*=}
  elif [[ $cur == = && -n $last ]]; then
    flag=$last cur=''
  elif [[ -n $glued || $cur == [:=]* ]]; then
    return
  fi
  if [[ $cur == -* ]]; then
    case $command in
${flagsOf.join('\n')}
    esac
    words=($flags ${flagNames(common)})
  elif [[ -n $flag ]]; then
    __efaktur_cloud_values "$command" "$flag"
  elif [[ -z $command ]]; then
    words=(${commands.flatMap(({ names }) => names).join(' ')})
  elif [[ $count == 0 ]]; then
    __efaktur_cloud_values "$command" ''
  fi
  for word in "\${words[@]}"; do
    printf -v quoted '%q' "$word"
    [[ $word == "$cur"* || $quoted == "$cur"* ]] && COMPREPLY+=("$prefix$quoted")
  done
  # Readline itself knows files best: quotes, ~ and the mark of a folder.
  case $files in
    all) compopt -o default 2>/dev/null ;;
    folders) compopt -o dirnames 2>/dev/null ;;
  esac
  return 0
}

complete -F _efaktur_cloud ${programNames.join(' ')}
`;
}

/** What a flag of these commands takes, where there is something to offer. */
function valueCase(
  commands: readonly string[],
  flags: readonly string[],
  values: Values | null,
): readonly string[] {
  if (!values) return [];
  const { words, files, profiles } = values;
  const set = [
    ...(words.length > 0 ? [`words=(${words.join(' ')})`] : []),
    ...(files === 'none' ? [] : [`files=${files}`]),
    ...(profiles ? ['__efaktur_cloud_profiles'] : []),
  ];
  const meant = commands.flatMap((command) => flags.map((flag) => `${command}:${flag}`));
  return set.length === 0 ? [] : [`    ${meant.join(' | ')}) ${set.join(' ')} ;;`];
}
