import Fitting
import Testing

@Suite("Curvature that serves again") struct CurvatureMemoryTests {
  /// After the first evaluations and one with curvature, at angle 0.
  private func warm() -> CurvatureMemory {
    var memory = CurvatureMemory()
    for _ in 0..<3 {
      #expect(!memory.isWanted(promise: 1, theta: 0))
      #expect(memory.receive([], isLower: true, promise: 1, theta: 0) == [])
    }
    #expect(memory.isWanted(promise: 1e-9, theta: 0))
    #expect(memory.receive([2], isLower: true, promise: 1e-9, theta: 0) == [2])
    return memory
  }

  @Test("Near where it was made it is used again") func near() {
    var memory = warm()
    #expect(!memory.isWanted(promise: 6e-3, theta: 0.05))
    #expect(memory.receive([], isLower: true, promise: 6e-3, theta: 0.05) == [2])
    // Both steps together lead too far.
    #expect(memory.isWanted(promise: 6e-3, theta: 0.05))
  }

  @Test("After a long step or a turn it is made again") func far() {
    let memory = warm()
    #expect(memory.isWanted(promise: 0.1, theta: 0))
    #expect(memory.isWanted(promise: 1e-5, theta: 0.5))
  }

  @Test("What was made where the loss was higher is not kept") func rejected() {
    var memory = warm()
    #expect(memory.receive([7], isLower: false, promise: 0.1, theta: 0) == [7])
    #expect(memory.receive([], isLower: true, promise: 1e-5, theta: 0) == [2])
  }
}
