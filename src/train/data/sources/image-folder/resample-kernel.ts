/**
 * One pass of a separable resize over pixels of four bytes, as text of WebAssembly: per line, each output is a weighted sum of
 * neighbouring inputs. The weights are whole numbers, 2^22 in all; a sum begins with what each channel starts with, a half where it is to
 * be rounded to the nearest. A table has, for each output, its first input, the number of them, and their weights.
 *
 * Four channels go through one instruction, which takes a quarter of the time that JavaScript needs for it.
 */
export const RESAMPLE_SOURCE = `
(module
  (memory (export "memory") 1)
  (func (export "pass")
    (param $from i32) (param $to i32) (param $table i32) (param $outputs i32) (param $lines i32)
    (param $start i32) (param $fromStep i32) (param $fromLine i32) (param $toStep i32) (param $toLine i32)
    (local $entry i32) (local $left i32) (local $taps i32) (local $at i32) (local $put i32) (local $sum v128)
    (loop $line
      (local.set $entry (local.get $table))
      (local.set $left (local.get $outputs))
      (local.set $put (local.get $to))
      (loop $output
        (local.set $at (i32.add (local.get $from) (i32.mul (i32.load (local.get $entry)) (local.get $fromStep))))
        (local.set $taps (i32.load offset=4 (local.get $entry)))
        (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
        (local.set $sum (v128.load (local.get $start)))
        (loop $tap
          (local.set $sum (i32x4.add (local.get $sum) (i32x4.mul
            (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $at))))
            (v128.load32_splat (local.get $entry)))))
          (local.set $at (i32.add (local.get $at) (local.get $fromStep)))
          (local.set $entry (i32.add (local.get $entry) (i32.const 4)))
          (br_if $tap (local.tee $taps (i32.sub (local.get $taps) (i32.const 1)))))
        (local.set $sum (i32x4.shr_u (local.get $sum) (i32.const 22)))
        (local.set $sum (i16x8.narrow_i32x4_s (local.get $sum) (local.get $sum)))
        (v128.store32_lane 0 (local.get $put) (i8x16.narrow_i16x8_u (local.get $sum) (local.get $sum)))
        (local.set $put (i32.add (local.get $put) (local.get $toStep)))
        (br_if $output (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (local.set $from (i32.add (local.get $from) (local.get $fromLine)))
      (local.set $to (i32.add (local.get $to) (local.get $toLine)))
      (br_if $line (local.tee $lines (i32.sub (local.get $lines) (i32.const 1)))))))
`;

/** The same, assembled; a test does it again. */
export const RESAMPLE_BINARY =
  'AGFzbQEAAAABDgFgCn9/f39/f39/f38AAwIBAAUDAQABBxECBm1lbW9yeQIABHBhc3MAAAq6AQG3AQIFfwF7A0AgAiEKIAMhCyABIQ4DQCAAIAooAgAgBmxqIQ0gCigCBCEMIApBCGohCiAF/QAEACEPA0AgDyAN/VwCAP2JAf2pASAK/QkCAP21Af2uASEPIA0gBmohDSAKQQRqIQogDEEBayIMDQALIA9BFv2tASEPIA8gD/2FASEPIA4gDyAP/Wb9WgIAACAOIAhqIQ4gC0EBayILDQALIAAgB2ohACABIAlqIQEgBEEBayIEDQALCw==';
