/// How a step changes numbers: by addition, unless some of them are coordinates in which steps are not well defined everywhere.
///
/// A loss's gradient and second derivatives are then those by the step's numbers, at the step 0. The numbers that are moved in another
/// way are free, or held together with all that they change.
package struct Retraction: Sendable {
  private let move: @Sendable (_ numbers: [Double], _ step: [Double]) -> [Double]

  package static let addition = Retraction { numbers, step in zip(numbers, step).map { $0 + $1 } }

  package init(_ move: @escaping @Sendable (_ numbers: [Double], _ step: [Double]) -> [Double]) { self.move = move }

  package func callAsFunction(_ numbers: [Double], by step: [Double]) -> [Double] { move(numbers, step) }
}
