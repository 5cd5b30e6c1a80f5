/// When a fit to large features asks for what the information lacks of its loss's second derivatives, which costs a third of a pass.
///
/// Far from the optimum it buys nothing. Near it it hardly changes, and what was made last serves again.
package struct CurvatureMemory: Sendable {
  private var evaluations = 0
  /// What was made last, and the mask's angle there: some of its numbers are along the mask's axes.
  private var last: (curvature: [Double], theta: Double)?
  /// What all steps since have promised, nats per bin.
  private var distance = 0.0

  /// Evaluations at the beginning that do without.
  private static let plainEvaluations = 3
  /// Steps that promise more, nats per bin, lead to where it is another.
  private static let reach = 1e-2
  /// So do turns by more, in radians.
  private static let turn = 0.1

  package init() {}

  /// - Parameters:
  ///   - promise: by how much the step to the place in question should lower the loss.
  ///   - theta: the mask's angle there.
  package func isWanted(promise: Double, theta: Double) -> Bool {
    guard evaluations >= Self.plainEvaluations else { return false }
    guard let last else { return true }
    return distance + promise > Self.reach || abs(theta - last.theta) > Self.turn
  }

  /// Takes an evaluation at a place as `isWanted` has it, and gives the curvature to use there; empty where none is known.
  ///
  /// - Parameter isLower: whether the loss fell; the fit stays where it was otherwise.
  package mutating func receive(_ curvature: [Double], isLower: Bool, promise: Double, theta: Double) -> [Double] {
    evaluations += 1
    guard isLower else { return curvature }
    if curvature.isEmpty {
      distance += promise
      return last?.curvature ?? []
    }
    last = (curvature, theta)
    distance = 0
    return curvature
  }
}
