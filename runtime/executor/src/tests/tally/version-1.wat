;; A module that adds numbers up. Version 1 stores the sum in four bytes.
(component
  (import "ehb:host/storage@1.0.0" (instance $storage
    (export "get" (func (param "key" (list u8)) (result (option (list u8)))))
    (export "set" (func (param "key" (list u8)) (param "value" (list u8))))))
  (core module $memory
    (memory (export "memory") 2)
    (global $top (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (global.get $top)
      (global.set $top
        (i32.add (global.get $top)
          (i32.and (i32.add (local.get $size) (i32.const 15)) (i32.const -8))))))
  (core instance $memory (instantiate $memory))
  (core func $get (canon lower (func $storage "get")
    (memory $memory "memory") (realloc (func $memory "realloc"))))
  (core func $set (canon lower (func $storage "set") (memory $memory "memory")))
  (core module $code
    (import "memory" "memory" (memory 2))
    (import "host" "get" (func $get (param i32 i32 i32)))
    (import "host" "set" (func $set (param i32 i32 i32 i32)))
    (func $read (result i32)
      (i32.store8 (i32.const 0) (i32.const 110))
      (call $get (i32.const 0) (i32.const 1) (i32.const 16))
      (if (result i32) (i32.load8_u (i32.const 16))
        (then (i32.load (i32.load (i32.const 20))))
        (else (i32.const 0))))
    (func (export "add") (param $n i32) (result i32)
      (i32.store (i32.const 32) (i32.add (call $read) (local.get $n)))
      (call $set (i32.const 0) (i32.const 1) (i32.const 32) (i32.const 4))
      (i32.load (i32.const 32)))
    (func (export "total") (result i32) (call $read)))
  (core instance $code (instantiate $code
    (with "memory" (instance $memory))
    (with "host" (instance (export "get" (func $get)) (export "set" (func $set))))))
  (func $add (param "n" u32) (result u32) (canon lift (core func $code "add")))
  (func $total (result u32) (canon lift (core func $code "total")))
  (instance $api (export "add" (func $add)) (export "total" (func $total)))
  (export "ehb:tally/api@1.0.0" (instance $api)))
