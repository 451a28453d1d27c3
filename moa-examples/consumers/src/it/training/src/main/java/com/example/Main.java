package com.example;

import io.github.moa4j.core.store.MixtureDirectory;
import io.github.moa4j.core.store.MixtureState;
import io.github.moa4j.router.ridge.RidgeRouter;
import io.github.moa4j.router.ridge.RidgeSettings;
import io.github.moa4j.router.statistics.DomainStatistics;
import java.nio.file.Path;
import java.util.List;

/** Fits a router again, which takes ND4J. */
final class Main {
  public static void main(String[] arguments) {
    MixtureState mixture = MixtureDirectory.open(Path.of(arguments[0])).state();
    List<DomainStatistics> statistics =
        mixture.domains().keySet().stream()
            .map(domain -> mixture.adapterDirectory(domain).resolve(DomainStatistics.FILE_NAME))
            .map(file -> DomainStatistics.read(file, mixture.baseFingerprint()))
            .toList();
    System.out.println(RidgeRouter.fit(statistics, RidgeSettings.defaults()).domains());
  }
}
