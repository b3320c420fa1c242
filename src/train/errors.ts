export { LossnetError } from '../base/errors.js';
