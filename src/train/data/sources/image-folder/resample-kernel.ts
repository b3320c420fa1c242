/**
 * The two passes of a separable resize, as text of WebAssembly: each output is a weighted sum of neighbouring inputs, along a line
 * (`across`, from pixels of three bytes to some of four) or a column (`down`). The weights are whole numbers, 2^22 in all, and the sums exact: a
 * weight is 2^11 times its upper part and its lower part, of 16 bits each, so that one instruction takes two inputs of all
 * channels at once. A sum begins with what each channel starts with, a half where it is to be rounded to the nearest.
 *
 * A table has, for each output, its first input, a fourth of their number, and for each two of them the upper parts of both weights
 * and the lower ones. Those that are missing to four weigh nothing, whatever is read in their place.
 */
export const RESAMPLE_SOURCE = `
(module
  (memory (export "memory") 1)
  (func (export "across")
    (param $from i32) (param $to i32) (param $table i32) (param $outputs i32) (param $lines i32)
    (param $start i32) (param $fromLine i32) (param $toLine i32)
    (local $entry i32) (local $left i32) (local $groups i32) (local $at i32) (local $put i32)
    (local $four v128) (local $two v128) (local $upper v128) (local $lower v128)
    (loop $line
      (local.set $entry (local.get $table))
      (local.set $left (local.get $outputs))
      (local.set $put (local.get $to))
      (loop $output
        (local.set $at (i32.add (local.get $from) (i32.mul (i32.load (local.get $entry)) (i32.const 3))))
        (local.set $groups (i32.load offset=4 (local.get $entry)))
        (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
        (local.set $upper (v128.const i32x4 0 0 0 0))
        (local.set $lower (v128.load (local.get $start)))
        (loop $group
          (local.set $four (v128.load (local.get $at)))
          (local.set $two (i8x16.swizzle (local.get $four)
            (v128.const i8x16 0 128 3 128 1 128 4 128 2 128 5 128 128 128 128 128)))
          (local.set $upper (i32x4.add (local.get $upper)
            (i32x4.dot_i16x8_s (local.get $two) (v128.load32_splat (local.get $entry)))))
          (local.set $lower (i32x4.add (local.get $lower)
            (i32x4.dot_i16x8_s (local.get $two) (v128.load32_splat offset=4 (local.get $entry)))))
          (local.set $two (i8x16.swizzle (local.get $four)
            (v128.const i8x16 6 128 9 128 7 128 10 128 8 128 11 128 128 128 128 128)))
          (local.set $upper (i32x4.add (local.get $upper)
            (i32x4.dot_i16x8_s (local.get $two) (v128.load32_splat offset=8 (local.get $entry)))))
          (local.set $lower (i32x4.add (local.get $lower)
            (i32x4.dot_i16x8_s (local.get $two) (v128.load32_splat offset=12 (local.get $entry)))))
          (local.set $at (i32.add (local.get $at) (i32.const 12)))
          (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
          (br_if $group (local.tee $groups (i32.sub (local.get $groups) (i32.const 1)))))
        (local.set $upper (i32x4.shr_u
          (i32x4.add (i32x4.shl (local.get $upper) (i32.const 11)) (local.get $lower)) (i32.const 22)))
        (local.set $upper (i16x8.narrow_i32x4_s (local.get $upper) (local.get $upper)))
        (v128.store32_lane 0 (local.get $put) (i8x16.narrow_i16x8_u (local.get $upper) (local.get $upper)))
        (local.set $put (i32.add (local.get $put) (i32.const 4)))
        (br_if $output (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (local.set $from (i32.add (local.get $from) (local.get $fromLine)))
      (local.set $to (i32.add (local.get $to) (local.get $toLine)))
      (br_if $line (local.tee $lines (i32.sub (local.get $lines) (i32.const 1))))))
  (func (export "down")
    (param $from i32) (param $to i32) (param $table i32) (param $outputs i32) (param $start i32) (param $line i32)
    (local $entry i32) (local $first i32) (local $end i32) (local $pairs i32) (local $at i32)
    (local $a v128) (local $b v128) (local $two v128) (local $high v128) (local $low v128)
    (local $upper0 v128) (local $upper1 v128) (local $upper2 v128) (local $upper3 v128)
    (local $lower0 v128) (local $lower1 v128) (local $lower2 v128) (local $lower3 v128)
    (loop $output
      (local.set $first (i32.add (local.get $from) (i32.mul (i32.load (local.get $table)) (local.get $line))))
      (local.set $end (i32.add (local.get $to) (local.get $line)))
      (loop $four
        (local.set $pairs (i32.shl (i32.load offset=4 (local.get $table)) (i32.const 1)))
        (local.set $entry (i32.add (local.get $table) (i32.const 8)))
        (local.set $at (local.get $first))
        (local.set $upper0 (v128.const i32x4 0 0 0 0))
        (local.set $upper1 (v128.const i32x4 0 0 0 0))
        (local.set $upper2 (v128.const i32x4 0 0 0 0))
        (local.set $upper3 (v128.const i32x4 0 0 0 0))
        (local.set $lower0 (v128.load (local.get $start)))
        (local.set $lower1 (local.get $lower0))
        (local.set $lower2 (local.get $lower0))
        (local.set $lower3 (local.get $lower0))
        (loop $pair
          (local.set $a (v128.load (local.get $at)))
          (local.set $b (v128.load (i32.add (local.get $at) (local.get $line))))
          (local.set $high (v128.load32_splat (local.get $entry)))
          (local.set $low (v128.load32_splat offset=4 (local.get $entry)))
          (local.set $two (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $a) (local.get $b)))
          (local.set $b (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $a) (local.get $b)))
          (local.set $a (i16x8.extend_low_i8x16_u (local.get $two)))
          (local.set $upper0 (i32x4.add (local.get $upper0) (i32x4.dot_i16x8_s (local.get $a) (local.get $high))))
          (local.set $lower0 (i32x4.add (local.get $lower0) (i32x4.dot_i16x8_s (local.get $a) (local.get $low))))
          (local.set $a (i16x8.extend_high_i8x16_u (local.get $two)))
          (local.set $upper1 (i32x4.add (local.get $upper1) (i32x4.dot_i16x8_s (local.get $a) (local.get $high))))
          (local.set $lower1 (i32x4.add (local.get $lower1) (i32x4.dot_i16x8_s (local.get $a) (local.get $low))))
          (local.set $a (i16x8.extend_low_i8x16_u (local.get $b)))
          (local.set $upper2 (i32x4.add (local.get $upper2) (i32x4.dot_i16x8_s (local.get $a) (local.get $high))))
          (local.set $lower2 (i32x4.add (local.get $lower2) (i32x4.dot_i16x8_s (local.get $a) (local.get $low))))
          (local.set $a (i16x8.extend_high_i8x16_u (local.get $b)))
          (local.set $upper3 (i32x4.add (local.get $upper3) (i32x4.dot_i16x8_s (local.get $a) (local.get $high))))
          (local.set $lower3 (i32x4.add (local.get $lower3) (i32x4.dot_i16x8_s (local.get $a) (local.get $low))))
          (local.set $at (i32.add (local.get $at) (i32.shl (local.get $line) (i32.const 1))))
          (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
          (br_if $pair (local.tee $pairs (i32.sub (local.get $pairs) (i32.const 1)))))
        (v128.store (local.get $to) (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (i32x4.shr_u (i32x4.add (i32x4.shl (local.get $upper0) (i32.const 11)) (local.get $lower0)) (i32.const 22))
            (i32x4.shr_u (i32x4.add (i32x4.shl (local.get $upper1) (i32.const 11)) (local.get $lower1)) (i32.const 22)))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_u (i32x4.add (i32x4.shl (local.get $upper2) (i32.const 11)) (local.get $lower2)) (i32.const 22))
            (i32x4.shr_u (i32x4.add (i32x4.shl (local.get $upper3) (i32.const 11)) (local.get $lower3)) (i32.const 22)))))
        (local.set $first (i32.add (local.get $first) (i32.const 16)))
        (br_if $four (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $end))))
      (local.set $table (local.get $entry))
      (br_if $output (local.tee $outputs (i32.sub (local.get $outputs) (i32.const 1)))))))
`;

/** The same, assembled; a test does it again. */
export const RESAMPLE_BINARY =
  'AGFzbQEAAAABFQJgCH9/f39/f39/AGAGf39/f39/AAMDAgABBQMBAAEHGgMGbWVtb3J5AgAGYWNyb3NzAAAEZG93bgABCsUGArkCAgV/BHsDQCACIQggAyEJIAEhDANAIAAgCCgCAEEDbGohCyAIKAIEIQogCEEIaiEI/QwAAAAAAAAAAAAAAAAAAAAAIQ8gBf0ABAAhEANAIAv9AAQAIQ0gDf0MAIADgAGABIACgAWAgICAgP0OIQ4gDyAOIAj9CQIA/boB/a4BIQ8gECAOIAj9CQIE/boB/a4BIRAgDf0MBoAJgAeACoAIgAuAgICAgP0OIQ4gDyAOIAj9CQII/boB/a4BIQ8gECAOIAj9CQIM/boB/a4BIRAgC0EMaiELIAhBEGohCCAKQQFrIgoNAAsgD0EL/asBIBD9rgFBFv2tASEPIA8gD/2FASEPIAwgDyAP/Wb9WgIAACAMQQRqIQwgCUEBayIJDQALIAAgBmohACABIAdqIQEgBEEBayIEDQALC4cEAgV/DXsDQCAAIAIoAgAgBWxqIQcgASAFaiEIA0AgAigCBEEBdCEJIAJBCGohBiAHIQr9DAAAAAAAAAAAAAAAAAAAAAAhEP0MAAAAAAAAAAAAAAAAAAAAACER/QwAAAAAAAAAAAAAAAAAAAAAIRL9DAAAAAAAAAAAAAAAAAAAAAAhEyAE/QAEACEUIBQhFSAUIRYgFCEXA0AgCv0ABAAhCyAKIAVq/QAEACEMIAb9CQIAIQ4gBv0JAgQhDyALIAz9DQAQARECEgMTBBQFFQYWBxchDSALIAz9DQgYCRkKGgsbDBwNHQ4eDx8hDCAN/YkBIQsgECALIA79ugH9rgEhECAUIAsgD/26Af2uASEUIA39igEhCyARIAsgDv26Af2uASERIBUgCyAP/boB/a4BIRUgDP2JASELIBIgCyAO/boB/a4BIRIgFiALIA/9ugH9rgEhFiAM/YoBIQsgEyALIA79ugH9rgEhEyAXIAsgD/26Af2uASEXIAogBUEBdGohCiAGQQhqIQYgCUEBayIJDQALIAEgEEEL/asBIBT9rgFBFv2tASARQQv9qwEgFf2uAUEW/a0B/YUBIBJBC/2rASAW/a4BQRb9rQEgE0EL/asBIBf9rgFBFv2tAf2FAf1m/QsEACAHQRBqIQcgAUEQaiIBIAhJDQALIAYhAiADQQFrIgMNAAsL';
