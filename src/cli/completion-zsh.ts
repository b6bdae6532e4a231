import { type Completed, type CompletedFlag, programNames, type Values } from './completion.ts';

/** The script for zsh 5, to be sourced or to lie in a folder of `$fpath` as `_efaktur-cloud`. */
export function zshCompletion({ commands, common }: Completed, header: readonly string[]): string {
  const described = commands.flatMap(({ names, describe }) =>
    names.map((name) => `    ${quoted(`${name}:${describe.replace(/[\\:]/g, '\\$&')}`)}`),
  );
  const cases = commands.map(({ names, flags, values }) => {
    const specs = [...flags.map(spec), ...(values ? [quoted(`1:${action(values)}`)] : [])];
    const lines = ['_arguments -S $common', ...specs].join(' \\\n            ');
    return `        ${names.join('|')})\n          ${lines} && ret=0\n          ;;`;
  });
  return `#compdef ${programNames.join(' ')}
${header.map((line) => `# ${line}`).join('\n')}

__efaktur_cloud_profiles() {
  local folder=$HOME/.config
  [[ $XDG_CONFIG_HOME == /* ]] && folder=$XDG_CONFIG_HOME
  local -a profiles=($folder/efaktur-cloud/*.env(N:t:r))
  profiles=(\${profiles:#[Cc][Oo][Mm][Mm][Oo][Nn]})
  [[ -e $folder/efaktur-cloud/.env ]] && profiles+=(default)
  compadd "$@" -a profiles
}

__efaktur_cloud_words_or_files() {
  _alternative "words::($*)" 'files::_files'
}

_efaktur-cloud() {
  local curcontext="$curcontext" context state state_descr line ret=1
  typeset -A opt_args
  local -a commands=(
${described.join('\n')}
  )
  local -a common=(
    ${common.map(spec).join('\n    ')}
  )
  _arguments -C $common '1: :->command' '*:: :->rest' && ret=0
  case $state in
    command) _describe -t commands efaktur-cloud commands && ret=0 ;;
    rest)
      case $words[1] in
${cases.join('\n')}
      esac
      ;;
  esac
  return ret
}

if [[ $funcstack[1] == _efaktur-cloud ]]; then
  _efaktur-cloud "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _efaktur-cloud ${programNames.join(' ')}
fi
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** What stands between the marks of a specification. */
const escaped = (text: string): string => text.replace(/[\\:[\]]/g, '\\$&');

function spec({ names, describe, values, isOptional, mayFollow, isMany }: CompletedFlag): string {
  const [name = '', ...others] = names;
  const takes = values === null ? '' : isOptional && !mayFollow ? '=-' : '=';
  const described = `[${escaped(describe)}]${values === null ? '' : `${isOptional ? '::' : ':'}${action(values)}`}`;
  if (others.length === 0) return quoted(`${isMany ? '*' : ''}${name}${takes}${described}`);
  const each = names.map((one) => one + (one.startsWith('--') ? takes : ''));
  return `${quoted(`(${names.join(' ')})`)}{${each.join(',')}}${quoted(described)}`;
}

function action({ placeholder, words, files, profiles }: Values): string {
  const named = `${escaped(placeholder)}:`;
  if (profiles) return `${named}__efaktur_cloud_profiles`;
  if (words.length > 0)
    return files === 'none'
      ? `${named}(${words.join(' ')})`
      : `${named} __efaktur_cloud_words_or_files ${words.join(' ')}`;
  return `${named}${{ all: '_files', folders: '_files -/', none: ' ' }[files]}`;
}
