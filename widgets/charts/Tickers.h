// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <qcustomplot.h>

namespace headkv {

/// Ticks at whole numbers from 0 on, in steps of 1, 2, 5, 10, …, as many as setTickCount() asks for at most.
class IntegerTicker : public QCPAxisTicker
{
public:
    IntegerTicker();

protected:
    double getTickStep(const QCPRange &range) override;
    int getSubTickCount(double tickStep) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

/// Ticks of bytes in steps of powers of two, labelled in binary units.
class BytesTicker : public QCPAxisTicker
{
public:
    BytesTicker();

protected:
    double getTickStep(const QCPRange &range) override;
    int getSubTickCount(double tickStep) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

/// Ticks of token counts: powers of two from 1,024 on ("8k"), else round numbers.
class TokensTicker : public QCPAxisTicker
{
public:
    TokensTicker();

protected:
    double getTickStep(const QCPRange &range) override;
    int getSubTickCount(double tickStep) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

/// Ticks of shares of one, labelled in per cent.
class PercentTicker : public QCPAxisTicker
{
public:
    PercentTicker();

protected:
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

/// Round numbers in their shortest form.
class ScoreTicker : public QCPAxisTicker
{
public:
    ScoreTicker();

protected:
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

/// The powers of ten of a logarithmic axis as "0.001", "1", "1e-06"; 1-2-5 steps between where there are few decades.
class LogTicker : public QCPAxisTickerLog
{
public:
    LogTicker();

protected:
    QVector<double> createTickVector(double tickStep, const QCPRange &range) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

/// The powers of two of a logarithmic axis of tokens ("64", "8k"), fewer where there are more than setTickCount() asks
/// for.
class LogTokensTicker : public QCPAxisTickerLog
{
public:
    LogTokensTicker();

protected:
    QVector<double> createTickVector(double tickStep, const QCPRange &range) override;
    int getSubTickCount(double tickStep) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

} // namespace headkv
