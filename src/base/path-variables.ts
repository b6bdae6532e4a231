import { EfakturError } from './errors.ts';
import { refuseImpossible } from './possible-path.ts';
import type { Text } from './text.ts';
import {
  notExpanded,
  notExpandedInAddress,
  variableNotSet,
  writeAddress,
  writeFolder,
  writePath,
  writePathOrDot,
} from './texts.ts';

/**
 * What a shell would have put into a path. Flags such as `--to=~/x`, and all settings, come here as they were written, and
 * a folder named `~` or `%USERPROFILE%` is never what somebody meant.
 */
export interface PathVariables {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly platform: NodeJS.Platform;
}

/** `${NAME}`, `$env:NAME`, `%NAME%` anywhere, and `$NAME` where a part of the path begins (`\\nas\users$` is a name). */
const variable = /\$\{(?:env:)?([a-z_]\w*)\}|\$env:([a-z_]\w*)|(?<=^|[\\/])\$([a-z_]\w*)|%([a-z_][\w()]*)%/gi;

/**
 * A path with `~` and variables put in: those of the environment, `HOME` and `USERPROFILE` on every system. `usage` for one
 * that is not set, for the home of another user, and for what no path has in it; a name that begins with `~` can be written `./~NAME`.
 */
export function expandPath(text: string, where: Text, variables: PathVariables): string {
  const path = withVariables(text, where, variables);
  refuseImpossible(path, where, variables.platform);
  return path;
}

function withVariables(text: string, where: Text, variables: PathVariables): string {
  const written = withSlashes(text, variables.platform);
  const path = /^~(?=$|[\\/])/.test(written) ? variables.homeFolder + written.slice(1) : written;
  if (path.startsWith('~')) {
    throw new EfakturError('usage', notExpanded(where, /^~[^\\/]*/.exec(path)?.[0] ?? '~'), writePathOrDot);
  }
  return path.replace(variable, (whole, ...names: (string | undefined)[]) => {
    const name = names.slice(0, 4).find((one) => one !== undefined) ?? '';
    const value = lookUp(name, variables);
    if (value) return value;
    throw new EfakturError('usage', variableNotSet(where, whole, name), writePath);
  });
}

/** The names of the variables that {@link expandPath} would put in. */
export const variablesIn = (text: string): string[] =>
  [...text.matchAll(variable)].map(([, ...names]) => names.find((one) => one !== undefined) ?? '');

/** The address of a store: a path is expanded, in an `s3://` or `file://` address a variable is `usage`. */
export function expandStoreAddress(text: string, where: Text, variables: PathVariables): string {
  // A drive letter is no scheme.
  if (!/^(s3|file):/i.test(text)) {
    const expand = /^[a-z][a-z0-9+.-]+:\/\//i.test(text) ? withVariables : expandPath;
    return expand(text, where, variables);
  }
  // What is written with % in such an address are bytes in two hex digits.
  const found = text.match(variable)?.find((one) => !/^%[0-9a-f]{2}/i.test(one));
  const isHome = /^file:\/{2,3}~/i.test(text);
  if (found === undefined && !isHome) return text;
  throw new EfakturError(
    'usage',
    notExpandedInAddress(where, found ?? '~'),
    /^file:/i.test(text) ? writeFolder : writeAddress,
  );
}

/** Elsewhere than on Windows a path that begins as one does there still means folders, not one long name. */
const withSlashes = (text: string, platform: NodeJS.Platform): string =>
  platform !== 'win32' && /^(~|%\w+%|\$\w+|\$env:\w+|\$\{\w+\})\\/i.test(text)
    ? text.replaceAll('\\', '/')
    : text;

function lookUp(name: string, { env, homeFolder, platform }: PathVariables): string | undefined {
  const isSame = (one: string): boolean => one.toUpperCase() === name.toUpperCase();
  const key = platform === 'win32' ? Object.keys(env).find(isSame) : name;
  const value = key === undefined ? undefined : env[key];
  return value || (['HOME', 'USERPROFILE'].some(isSame) ? homeFolder : undefined);
}
