'use strict';
/**
 * Preloaded (`NODE_OPTIONS=--require`) into the Lambda functions that MiniStack runs: their Date runs
 * LOCAL_CLOUD_TIME_SCALE times faster than the wall clock, from LOCAL_CLOUD_TIME_ORIGIN on (milliseconds
 * since the epoch), and so agrees with the clock of the emulator and between all functions.
 *
 * So do the pauses that a function makes by node:timers/promises. Other timers stay real: a connection time-out in a function
 * is still about a real socket.
 */
const timers = require('node:timers/promises');

const RealDate = Date;
const scale = Number(process.env.LOCAL_CLOUD_TIME_SCALE);
const origin = Number(process.env.LOCAL_CLOUD_TIME_ORIGIN);

if (scale > 0 && origin > 0) {
  const now = () => Math.round(origin + (RealDate.now() - origin) * scale);
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
  });
  const { setTimeout } = timers;
  timers.setTimeout = (ms, ...others) => setTimeout(ms / scale, ...others);
}
