// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Our own targets: Swift 6 language mode, and a warning is an error.
let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

/// Whether the toolchain brings Swift's libraries as static ones, and LLVM's linker; where they can't be seen, the program uses
/// the shared ones.
let hasStaticLibraries = (Context.environment["PATH"] ?? "").split(separator: ":").contains { folder in
  let program = URL(fileURLWithPath: "\(folder)/swift").resolvingSymlinksInPath()
  let tools = program.deletingLastPathComponent()
  return ["../lib/swift_static/linux/libFoundation.a", "ld.lld"].allSatisfy { file in
    FileManager.default.fileExists(atPath: tools.appending(path: file).path)
  }
}

/// Whether the system has libraries as static ones.
func hasStatic(_ names: String...) -> Bool {
  let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"]
  return folders.contains { folder in
    names.allSatisfy { FileManager.default.fileExists(atPath: "\(folder)/lib\($0).a") }
  }
}

/// SHA-256 from the static libcrypto, where there is one: loading the shared one takes longer than most digests.
let libcrypto: LinkerSetting =
  hasStatic("crypto") ? .unsafeFlags(["-Xlinker", "-l:libcrypto.a"]) : .linkedLibrary("crypto")

/// Where the linker finds SQLite, readline and zlib as static libraries, if the system has them: loading the shared ones takes a
/// twentieth of the start.
let systemLibraries =
  hasStatic("sqlite3", "readline", "tinfo", "z") ? ["-L\(Context.packageDirectory)/scripts/linking/debian"] : []

/// Swift's own libraries inside the program, and that of C++ with them: it starts in less time and runs where no toolchain is
/// installed. What is compiled does not know of it, so the static Foundation's further parts are named here. The program's symbols
/// are not exported: nothing is loaded into it that asks for them. It lies at a fixed address, so that its 111,000 pointers need not be
/// adjusted at each start, which took a tenth of it; what it loads, its heap and its stack still lie anywhere.
let staticRuntime: [LinkerSetting] =
  hasStaticLibraries
  ? [
    .unsafeFlags(
      ["-static-stdlib", "-use-ld=lld", "-L\(Context.packageDirectory)/scripts/linking"] + systemLibraries
        + [
          "--no-export-dynamic", "--no-pie", "--start-group", "-lFoundation", "-lFoundationInternationalization",
          "-lFoundationEssentials", "-lCoreFoundation", "-l_FoundationICU", "-l_FoundationCShims",
          "-l_FoundationCollections", "-ldispatch", "-lBlocksRuntime", "-lswiftSynchronization",
          "-lswift_Builtin_float", "--end-group", "-lstdc++",
        ].flatMap { ["-Xlinker", $0] },
      .when(platforms: [.linux], configuration: .release))
  ] : []

func ours(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = [], linking: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: strict, linkerSettings: linking)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: strict)
}

let package = Package(
  name: "vcsh",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "vcsh", targets: ["vcsh"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // System libraries
    .target(name: "CReadline", linkerSettings: [.linkedLibrary("readline")]),
    .systemLibrary(name: "CPreupdate", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
    // OpenBLAS, loaded at the first product
    .target(name: "COpenBLAS", dependencies: ["CKernels"]),
    // Starts programs with what GNU/Linux adds to POSIX
    .target(name: "CSpawn"),
    // Lists folders with what GNU/Linux adds to POSIX
    .target(name: "CFolders"),
    // C kernels: vectorised loops that Swift's compiler does not vectorise (reductions, exp)
    .target(
      name: "CKernels",
      cSettings: [.unsafeFlags(["-O3", "-ffp-contract=fast-honor-pragmas"])]),

    ours("Base", ["CCrypto"], linking: [libcrypto]),
    ours("Kernels", ["Base", "CKernels", "COpenBLAS"]),
    ours("Formats", ["Base", "CZlib", "Yams"]),
    ours("Inspection", ["Base", "Formats"]),
    ours("Recordings", ["Base", "Formats"]),
    ours("Layers", ["Base", "Formats", "Kernels"]),
    ours("Twin", ["Base", "Formats", "Kernels", "Layers"]),
    ours("Metrics", ["Base", "Kernels"]),
    ours("Fitting", ["Base", "Kernels", "Layers", "Metrics", "Twin"]),
    ours("Training", ["Base", "Fitting", "Formats", "Kernels", "Layers", "Metrics", "Twin"]),
    ours("Analysis", ["Base", "Fitting", "Formats", "Kernels", "Layers", "Metrics", "Recordings", "Training", "Twin"]),
    ours("RunLogs", ["Base", "Formats"]),
    ours("Runs", ["Base", "CFolders", "Formats", "Kernels", "Metrics", "RunLogs"]),
    ours("Jobs", ["Base", "CSpawn"]),
    ours("Grids", ["Base", "Formats", "Jobs", "Metrics", "RunLogs", "Runs", "Twin"]),
    ours("Workspace", ["Base", "CPreupdate", .product(name: "GRDB", package: "GRDB.swift")]),
    ours("Patterns", ["Base"]),
    ours("Functions", ["Base"]),
    ours("Language", ["Base", "Functions", "Patterns"]),
    ours("Rendering", ["Base", "Jobs"]),
    ours(
      "Session",
      [
        "Analysis", "Base", "Fitting", "Formats", "Grids", "Language", "Layers", "Metrics", "Recordings", "Rendering",
        "RunLogs", "Runs", "Training", "Twin", "Workspace",
      ]),
    ours("Help", ["Base", "Functions", "Language", "Metrics", "Session"]),
    ours(
      "WorkspaceCommands",
      [
        "Base", "Formats", "Functions", "Help", "Inspection", "Language", "Metrics", "Rendering", "Session", "Twin",
        "Workspace",
      ]),
    ours(
      "TrainingCommands",
      [
        "Analysis", "Base", "Formats", "Jobs", "Language", "Metrics", "RunLogs", "Runs", "Session", "Training", "Twin",
        "Workspace",
      ]),
    ours("GridCommands", ["Base", "Formats", "Grids", "Jobs", "Language", "Session", "Workspace"]),
    ours(
      "Commands",
      [
        "Analysis", "Base", "Fitting", "Formats", "GridCommands", "Language", "Layers", "Metrics", "Recordings",
        "Rendering", "Runs", "Session", "Training", "TrainingCommands", "Twin", "Workspace", "WorkspaceCommands",
      ]),
    ours(
      "Shell",
      [
        "Base", "Formats", "Functions", "Help", "Language", "Metrics", "Recordings", "Rendering", "Session",
        "Workspace",
      ]),
    ours("Terminal", ["Base", "CReadline", "Language", "Rendering", "Session", "Shell", "Workspace"]),
    ours("Serving", ["Base", "Functions", "Language", "Rendering", "Session", "Shell", "Workspace"]),
    .executableTarget(
      name: "vcsh",
      dependencies: [
        "Base", "Commands", "Grids", "Help", "Language", "Rendering", "Serving", "Session", "Shell", "Terminal",
        "Workspace",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict, linkerSettings: staticRuntime),

    // Answers bench/compare.py; not installed
    .executableTarget(
      name: "vcsh-bench",
      dependencies: [
        "Base", "Commands", "Fitting", "Formats", "Kernels", "Language", "Layers", "Metrics", "Session", "Shell",
        "Training", "Twin", "Workspace",
      ],
      path: "bench/vcsh-bench",
      swiftSettings: strict),

    // Holds intervals, p values, held-out scores and causes against simulations of the truth; not installed
    .executableTarget(
      name: "vcsh-audit",
      dependencies: ["Analysis", "Base", "Fitting", "Kernels", "Metrics", "Planted", "Recordings"],
      path: "bench/vcsh-audit",
      swiftSettings: strict),

    // Small twins and simulated sessions whose truth is known, for tests; not installed
    .target(
      name: "Planted", dependencies: ["Analysis", "Base", "Formats", "Metrics", "Training", "Twin"],
      path: "bench/planted", swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Base", "CZlib", "Formats"], path: "Tests/TestSupport", swiftSettings: strict),
    tests("BaseTests", ["Base"]),
    tests("KernelsTests", ["Kernels"]),
    tests("FormatsTests", ["Formats"]),
    tests("InspectionTests", ["Base", "Formats", "Inspection"]),
    tests("RecordingsTests", ["Recordings", "Formats"]),
    tests("TwinTests", ["Analysis", "Formats", "Kernels", "Layers", "Twin"]),
    tests("MetricsTests", ["Formats", "Kernels", "Metrics"]),
    tests("TrainingTests", ["Base", "Fitting", "Formats", "Layers", "Recordings", "Training", "Twin"]),
    tests("FittingTests", ["Fitting", "Formats", "Kernels", "Layers", "Metrics", "Recordings", "Training", "Twin"]),
    tests("AnalysisTests", ["Analysis", "Base", "Formats", "Layers", "Metrics", "Planted", "Training", "Twin"]),
    tests("RunsTests", ["Base", "Formats", "RunLogs", "Runs"]),
    tests("WorkspaceTests", ["Base", "Workspace", .product(name: "GRDB", package: "GRDB.swift")]),
    tests("LanguageTests", ["Functions", "Language"]),
    tests("JobsTests", ["Base", "Jobs"]),
    tests("GridsTests", ["Base", "Formats", "Grids", "Jobs", "RunLogs", "Runs"]),
    tests(
      "GridCommandsTests",
      ["Base", "Commands", "Grids", "Language", "Rendering", "Session", "Shell", "Workspace"]),
    tests("RenderingTests", ["Base", "CZlib", "Jobs", "Rendering"]),
    tests(
      "CommandsTests",
      [
        "Base", "Commands", "Formats", "Help", "Language", "Rendering", "RunLogs", "Session", "Shell",
        "TrainingCommands", "Twin", "Workspace",
      ]),
    tests("TerminalTests", ["Terminal"]),
    tests("RecipeTests", ["Base", "Commands", "Language", "Rendering", "Session", "Shell", "Workspace"]),
    tests("ShellTests", ["Base"]),
  ]
)

// libFuzzer needs every target with its own instrumentation, in a build folder of its own: scripts/fuzz builds it.
if let runtime = Context.environment["VCSH_FUZZER"] {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "fuzz/CFuzzer"),
    .executableTarget(
      name: "vcsh-fuzz",
      dependencies: [
        "Base", "CFuzzer", "Formats", "Inspection", "Language", "Patterns", "RunLogs", "Serving", "Session",
        "Workspace",
      ],
      path: "fuzz/vcsh-fuzz", swiftSettings: strict,
      linkerSettings: [.unsafeFlags(["-Xlinker", runtime])]),
  ]
}
