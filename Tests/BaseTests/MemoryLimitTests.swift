import Base
import Testing

@Suite("The limit on memory")
struct MemoryLimitTests {
  @Test(
    "The limit is read in bytes, KB, MB and GB",
    arguments: [("64GB", 64_000_000_000), ("1.5 mb", 1_500_000), ("2kb", 2000), ("10", 10), ("7 B", 7)])
  func units(_ text: String, _ bytes: Int) { #expect(MemoryLimit.given(text) == bytes) }

  @Test("Anything else sets no limit", arguments: ["", "much", "-1GB", "1e300GB", "0"])
  func invalid(_ text: String) { #expect(MemoryLimit.given(text) == nil) }

  @Test("The memory left is that of the machine, unless a limit was chosen, or the rest of the address space")
  func left() {
    let whole = 1 << 50
    #expect(MemoryLimit.left(machine: whole, addressSpace: .max, isChosen: true) == .max)
    let left = MemoryLimit.left(machine: whole, addressSpace: .max, isChosen: false)
    #expect(left < whole / 16 * 15 && left > whole / 16 * 14)
    // The process uses more addresses than a megabyte.
    #expect(MemoryLimit.left(machine: whole, addressSpace: 1 << 20, isChosen: true) < 0)
  }

  @Test("More than the limit is refused with the way to raise it")
  func refused() throws {
    try MemoryLimit.check(1000, "a list")
    let failure = #expect(throws: Failure.self) { try MemoryLimit.check(.max, "a list") }
    #expect(failure?.message.hasPrefix("a list would take ") == true && failure?.hint?.contains("VCSH_MEMORY") == true)
  }
}
