package io.github.moa4j.router.monitoring;

/**
 * What a mixture has done since it was opened.
 *
 * @param answered answers that ended as they should
 * @param cancelled answers that their callers ended
 * @param failed questions that got an exception
 * @param abstained answers of the base alone
 * @param promptTokens of all answers
 * @param reusedTokens of these, how many had not to be run
 * @param answerTokens generated
 */
public record AnswerCounts(
    long answered,
    long cancelled,
    long failed,
    long abstained,
    long promptTokens,
    long reusedTokens,
    long answerTokens) {}
