import Base
import Testing

@Suite("MT19937")
struct MersenneTwisterTests {
  @Test("The words are those of the published generator")
  func words() {
    var generator = MersenneTwister(seed: 5489)
    let first = generator.nextWord()
    for _ in 1..<9999 { _ = generator.nextWord() }
    #expect(first == 3_499_211_612)
    #expect(generator.nextWord() == 4_123_659_995, "the 10,000th word of the standard's default seed")
  }

  @Test("Permutations are torch.randperm's")
  func permutations() {
    var generator = MersenneTwister(seed: 1002)
    #expect(generator.permutation(12) == [3, 2, 9, 4, 0, 5, 10, 7, 8, 6, 11, 1])
    generator = MersenneTwister(seed: 5)
    #expect(generator.permutation(7) == [1, 0, 4, 2, 6, 5, 3])
    #expect(generator.permutation(0).isEmpty)
  }

  @Test("Uniform and normal numbers have their mean and variance")
  func moments() {
    var generator = MersenneTwister(seed: 1)
    let uniform = (0..<20_000).map { _ in generator.uniform() }
    let normal = (0..<20_000).map { _ in generator.normal() }
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
    #expect(abs(uniform.reduce(0, +) / 20_000 - 0.5) < 0.01)
    #expect(abs(uniform.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / 20_000 - 1.0 / 12) < 0.002)
    #expect(abs(normal.reduce(0, +) / 20_000) < 0.03)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / 20_000 - 1) < 0.03)
  }
}
