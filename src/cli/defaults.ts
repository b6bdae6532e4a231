import { defaultMaxDelete } from '../catalog/prune-defaults.ts';

/** What holds where a flag is not given. The help is made of it, and docs/COMMANDS.md is compared with it. */
export const flagDefaults = {
  'max-age': 4,
  'max-unproven': 35,
  'max-delete': defaultMaxDelete,
  keep: 5,
} as const;
