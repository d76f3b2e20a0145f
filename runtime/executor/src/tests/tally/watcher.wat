;; A module that calls the tally.
(component
  (import "ehb:tally/api@1.0.0" (instance $tally (export "total" (func (result u32)))))
  (core func $total (canon lower (func $tally "total")))
  (core module $m (import "tally" "total" (func $total (result i32)))
      (func (export "look") (result i32) (call $total)))
  (core instance $i (instantiate $m (with "tally" (instance (export "total" (func $total))))))
  (func $look (result u32) (canon lift (core func $i "look")))
  (instance $api (export "look" (func $look)))
  (export "ehb:watcher/api@1.0.0" (instance $api)))
