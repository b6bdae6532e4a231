import { type Config, withFlags } from '../settings/config.ts';
import { type FlagValues, text } from './command.ts';

/** A configuration with the speed limits of the command line in place of its own. */
export function withLimits(config: Config, flags: FlagValues): Config {
  const flag = (name: string) => ({ name: `--${name}`, value: text(flags, name) });
  return withFlags(config, {
    EFAKTUR_LIMIT_UPLOAD: flag('limit-upload'),
    EFAKTUR_LIMIT_DOWNLOAD: flag('limit-download'),
  });
}
