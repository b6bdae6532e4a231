/* Preloaded into a program: writes the URL of each module that it loads, its threads too, into the file LOADED_MODULES. */
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { env } from 'node:process';

const list = env.LOADED_MODULES ?? '';
registerHooks({
  load(url, context, next) {
    appendFileSync(list, `${url}\n`);
    return next(url, context);
  },
});
