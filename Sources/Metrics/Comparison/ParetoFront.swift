/// Which of several settings no other one beats.
package enum ParetoFront {
  /// Whether each setting is on the front: no other one is at least as good in all numbers, and better in one.
  ///
  /// - Parameter settings: numbers of each setting, in one order; more is better.
  package static func members(of settings: [[Double]]) -> [Bool] {
    settings.map { own in
      !settings.contains { other in
        zip(other, own).allSatisfy { $0 >= $1 } && zip(other, own).contains { $0 > $1 }
      }
    }
  }
}
