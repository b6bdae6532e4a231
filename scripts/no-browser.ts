/** In place of `bowser`, by which the AWS SDK tells browsers apart: no part of it that runs in Node.js asks. */
export {};
